using System.Reflection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace EnsAdmin.Hosting;

/// <summary>The web root of the single-file program: the resources that SingleFile.targets puts into the assembly.</summary>
public sealed class EmbeddedWebRoot : IFileProvider
{
    private static readonly Assembly Program = typeof(EmbeddedWebRoot).Assembly;
    private static readonly DateTimeOffset Built = File.GetLastWriteTimeUtc(Environment.ProcessPath!);
    private readonly HashSet<string> _names = [.. Program.GetManifestResourceNames()];

    private EmbeddedWebRoot()
    {
    }

    /// <summary>Maps the static assets, from the assembly where they are in it.</summary>
    /// <returns>The manifest they were mapped from, to be given to <c>WithStaticAssets</c>; null for the default one.</returns>
    public static string? Map(WebApplication app)
    {
        using var manifest = Program.GetManifestResourceStream("staticwebassets.endpoints.json");
        if (manifest is null)
        {
            app.MapStaticAssets().AllowAnonymous();
            return null;
        }
        app.Environment.WebRootFileProvider = new EmbeddedWebRoot();
        // MapStaticAssets reads its manifest from a real file, once.
        var directory = Directory.CreateTempSubdirectory("ensadmin-");
        try
        {
            var path = Path.Combine(directory.FullName, "endpoints.json");
            using (var file = File.Create(path)) manifest.CopyTo(file);
            app.MapStaticAssets(path).AllowAnonymous();
            return path;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    public IFileInfo GetFileInfo(string subpath)
    {
        var name = "wwwroot/" + subpath.TrimStart('/');
        return _names.Contains(name) ? new Resource(name) : new NotFoundFileInfo(subpath);
    }

    public IDirectoryContents GetDirectoryContents(string subpath) => NotFoundDirectoryContents.Singleton;

    public IChangeToken Watch(string filter) => NullChangeToken.Singleton;

    private sealed class Resource(string name) : IFileInfo
    {
        private readonly Lazy<long> _length = new(() =>
        {
            using var stream = Open(name);
            return stream.Length;
        });

        public bool Exists => true;
        public bool IsDirectory => false;
        public DateTimeOffset LastModified => Built;
        public long Length => _length.Value;
        public string Name => Path.GetFileName(name);
        public string? PhysicalPath => null;
        public Stream CreateReadStream() => Open(name);

        private static Stream Open(string name) => Program.GetManifestResourceStream(name)!;
    }
}
