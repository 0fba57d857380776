// Loaded before the styles, so that the page is marked light or dark before it is painted.
(() => {
  const key = 'ensadmin-theme';
  const system = matchMedia('(prefers-color-scheme: dark)');
  let listener = null;

  const choice = () => {
    try { return localStorage.getItem(key) ?? 'system'; } catch { return 'system'; }
  };
  const isDark = () => choice() === 'dark' || (choice() === 'system' && system.matches);
  const show = () => {
    const dark = isDark();
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    listener?.invokeMethodAsync('OnThemeShown', dark).catch(() => { listener = null; });
  };

  show();
  system.addEventListener('change', show);
  addEventListener('storage', e => { if (e.key === key) show(); });

  // Plain http is no secure context, and there the clipboard API is missing.
  const copyBySelection = text => {
    const area = document.createElement('textarea');
    const before = document.activeElement;
    area.value = text;
    area.className = 'ens-offscreen';
    (before?.closest('.mud-dialog') ?? document.body).append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    before?.focus();
    return copied;
  };

  // In the event picker the arrows walk through the rows, as in any list of choices; above the first is the search.
  document.addEventListener('keydown', e => {
    const list = e.target.closest?.('.ens-picker-list');
    if (!list) return;
    const search = list.querySelector('input:not([type=checkbox])');
    const boxes = [...list.querySelectorAll('input[type=checkbox]')];
    const group = e.target.closest('section');
    // A group's button stands just above the first row of its group.
    const at = boxes.includes(e.target) ? boxes.indexOf(e.target) : group ? boxes.indexOf(group.querySelector('input')) - .5 : -1;
    const isRow = e.target !== search;
    const next = {
      ArrowDown: () => boxes[Math.floor(at + 1)],
      ArrowUp: () => isRow ? boxes[Math.ceil(at - 1)] ?? search : null,
      Home: () => isRow ? boxes[0] : null,
      End: () => isRow ? boxes.at(-1) : null,
    }[e.key]?.();
    if (!next) return;
    e.preventDefault();
    next.focus();
  }, true);

  // Escape closes the preview first and only then the picker, which would take the choice with it.
  document.addEventListener('keydown', e => {
    const back = e.key === 'Escape' && document.querySelector('.ens-picker-previewing .ens-picker-back');
    if (!back) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    back.click();
  }, true);

  // A menu that was opened by mouse leaves the focus on its button, where Escape would step into it instead of closing it.
  document.addEventListener('keydown', e => {
    if (e.key !== 'Escape' || !e.target.matches?.('.mud-menu [aria-expanded=true]')) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    e.target.click();
  }, true);

  window.ensAdmin = {
    async download(name, type, stream) {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([await stream.arrayBuffer()], { type }));
      link.download = name;
      link.click();
      // The browser reads it while it is saved.
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    },
    focusFirstError() {
      const field = document.querySelector('.ens-form :is(.mud-input-error input, [role=alert])');
      field?.scrollIntoView({ block: 'center' });
      field?.focus();
    },
    focusEvent(name) {
      const list = document.querySelector('.ens-picker-list');
      if (list && !list.contains(document.activeElement)) list.querySelector(`input[aria-label="${CSS.escape(name)}"]`)?.focus();
    },
    // For the start page of the next visit, which leads there.
    rememberOrganization(id) { document.cookie = `ens-organization=${id}; path=/; max-age=31536000; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`; },
    // The rows of another page are read from the top.
    showTable(pager) {
      const table = pager.previousElementSibling;
      if (table?.getBoundingClientRect().top < parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop)) table.scrollIntoView();
    },
    // What was typed takes effect a moment later, and a click that leads elsewhere may be on its way to the server: only here it is known whether its page is still the one.
    replaceQuery(address) { if (new URL(address, document.baseURI).pathname === location.pathname) Blazor.navigateTo(address, { replaceHistoryEntry: true }); },
    // Scrolls the view alone, and leaves the page where it is.
    showMark(view, index) {
      const mark = view.querySelectorAll('ins')[index];
      if (mark) view.scrollTop += mark.getBoundingClientRect().top - view.getBoundingClientRect().top - view.clientHeight / 4;
    },
    submit(id) { document.getElementById(id).submit(); },
    theme: {
      choice,
      watch(dotNet) { listener = dotNet; return isDark(); },
      choose(value) {
        try { localStorage.setItem(key, value); } catch { /* not remembered, still shown below */ }
        show();
      },
    },
    async copy(text) {
      try {
        await navigator.clipboard.writeText(text);
        return true;
      } catch {
        return copyBySelection(text);
      }
    },
  };

  // Before the router sees it: with a base address, a bare fragment would lead to the start page.
  addEventListener('click', e => {
    if (!e.target.closest?.('.ens-skip')) return;
    e.preventDefault();
    e.stopPropagation();
    document.getElementById('content').focus();
  }, true);

  // A list that hangs from a summary closes as a menu does.
  addEventListener('click', e => {
    for (const open of document.querySelectorAll('details[data-closes][open]')) if (!open.contains(e.target) || e.target.closest('a')) open.open = false;
  });
  addEventListener('keydown', e => {
    const open = e.key === 'Escape' && document.querySelector('details[data-closes][open]');
    if (!open) return;
    open.open = false;
    open.querySelector('summary').focus();
  });
  addEventListener('toggle', e => { if (e.target.matches?.('details[data-closes][open]')) e.target.querySelector('input')?.focus(); }, true);

  // A page chosen in the drawer closes the drawer.
  addEventListener('click', e => e.target.closest?.('[popover] a')?.closest('[popover]:popover-open')?.hidePopover());

  addEventListener('components-reconnect-state-changed', async e => {
    const dialog = document.getElementById('components-reconnect-modal');
    if (e.target !== dialog) return;
    const state = e.detail.state;
    if (state === 'show' && !dialog.open) dialog.showModal();
    else if (state === 'hide') dialog.close();
    else if (state === 'failed') document.addEventListener('visibilitychange', retryWhenSeen);
    // What stands in a form can still be copied out of it before the reload.
    else if (state === 'rejected' && !document.querySelector('main form')) location.reload();
  }, true);

  const act = {
    reload: () => location.reload(),
    stay: () => document.getElementById('components-reconnect-modal').close(),
    retry: async () => {
      document.removeEventListener('visibilitychange', retryWhenSeen);
      try {
        if (await Blazor.reconnect() || await Blazor.resumeCircuit()) {
          document.getElementById('components-reconnect-modal').close();
        } else {
          location.reload();
        }
      } catch {
        document.addEventListener('visibilitychange', retryWhenSeen);
      }
    },
    resume: async () => {
      try {
        if (!await Blazor.resumeCircuit()) location.reload();
      } catch {
        location.reload();
      }
    },
  };
  function retryWhenSeen() { if (document.visibilityState === 'visible') act.retry(); }
  addEventListener('click', e => act[e.target.closest?.('[data-reconnect]')?.dataset.reconnect]?.());
})();
