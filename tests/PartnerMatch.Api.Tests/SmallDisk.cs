using System.Diagnostics;

namespace PartnerMatch.Api.Tests;

/// <summary>A folder of its own, deleted afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("partnermatch-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>A disk of 8 MB in memory, which can be filled and made read-only.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _readOnlyView = new();
    private bool _isReadOnly;

    public SmallDisk()
    {
        Run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", Folder);
        Run("mount", "--bind", Folder, _readOnlyView.Path);
        Run("mount", "-o", "remount,bind,ro", _readOnlyView.Path);
    }

    public string Folder => _folder.Path;

    private string Filler => Path.Combine(Folder, "filler");

    public static bool CanBeMade => OperatingSystem.IsLinux() && Environment.UserName == "root";

    public void Fill()
    {
        try
        {
            using var file = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            for (var block = new byte[4096]; ;)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    public void Empty() => File.Delete(Filler);

    /// <summary>
    /// Covers the disk with a read-only view of itself, in one step, so that no file is opened for writing in between: files that are open stay writable, so
    /// neither the disk as such nor a view in use can be made read-only.
    /// </summary>
    public void MakeReadOnly()
    {
        Run("mount", "--bind", _readOnlyView.Path, Folder);
        _isReadOnly = true;
    }

    public void MakeWritable()
    {
        Run("umount", "--lazy", Folder);
        _isReadOnly = false;
    }

    public void Dispose()
    {
        if (_isReadOnly)
        {
            MakeWritable();
        }

        Run("umount", "--lazy", _readOnlyView.Path);
        Run("umount", "--lazy", Folder);
        _readOnlyView.Dispose();
        _folder.Dispose();
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments))!;
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
        }
    }
}

/// <summary>A test that mounts a disk; skipped by name where the machine does not let it.</summary>
internal sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = SmallDisk.CanBeMade ? null : "Only root can mount a small disk.";
}
