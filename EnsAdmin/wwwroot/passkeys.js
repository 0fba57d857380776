// What only the browser can do for passkeys. Where it can't, or the connection is not secure, the page stays marked as without them.
(() => {
  const able = !!window.PublicKeyCredential?.parseRequestOptionsFromJSON;
  if (able) document.documentElement.dataset.passkeys = '';

  const post = async (path, token, body) => {
    const answer = await fetch(path, { method: 'POST', headers: { RequestVerificationToken: token, ...(typeof body === 'string' && { 'Content-Type': 'application/json' }) }, body });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer;
  };

  // Whoever closes the browser's dialog, or has no passkey for this address, sees why nothing happened.
  const words = error => error.name === 'NotAllowedError' ? 'No passkey was chosen.'
    : error.name === 'InvalidStateError' ? 'This device has a passkey for you already.'
    : error.message === '403' ? 'This is not your password, or there were too many tries; then wait five minutes.'
    : 'The passkey could not be used. Try again.';

  document.addEventListener('submit', async e => {
    const form = e.target.closest?.('form[data-passkey]');
    const field = form?.elements.Credential;
    if (!form || field.value) return;
    e.preventDefault();
    const told = form.querySelector('[data-passkey-error]');
    told.textContent = '';
    try {
      const options = await (await post(form.dataset.passkey, form.elements.__RequestVerificationToken.value)).json();
      const credential = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      field.value = JSON.stringify(credential.toJSON());
      form.submit();
    } catch (error) {
      told.textContent = words(error);
    }
  });

  window.ensAdminPasskeys = {
    able: () => able,
    // What went wrong, in words; nothing where the passkey was added.
    async add(optionsPath, path, name, password) {
      try {
        // The page has it for signing out.
        const token = document.querySelector('#sign-out [name=__RequestVerificationToken]').value;
        const options = await (await post(optionsPath, token, new URLSearchParams({ password }))).json();
        const credential = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
        await post(`${path}?name=${encodeURIComponent(name)}`, token, JSON.stringify(credential.toJSON()));
        return null;
      } catch (error) {
        return words(error);
      }
    },
  };
})();
