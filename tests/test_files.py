"""Files: what may be opened, and writing that is whole or not at all."""

from __future__ import annotations

import errno
import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from materials import files
from materials.errors import ExportError, SourceError

# ---- paths ----

BAD_PARTS = [
    *("..", ".", "", "...", "a.", "a ", " a", "C:", "C:a", "http:", "file:", "a:b", "a\\b", "..\\a"),
    *("\\\\server\\share", "a\0b", "\0", "a\nb", "a\rb", "a\tb", "\x7f", "\x1b[0m", "\ud800", "a\udfff"),
    *("con", "CON", "Con.png", "prn", "aux.txt", "nul", "NUL.tar.gz", "conin$", "CONOUT$.png", "com¹", "lpt³.png"),
    *(f"com{digit}" for digit in range(1, 10)),
    *(f"LPT{digit}.png" for digit in range(1, 10)),
    *("x" * 256, "é" * 128, "nul .png", "a/../..", "./.", "%2e%2e/..", "..;/.."),
]
SAFE_PARTS = [
    "a.png",
    "Brick 2.png",
    "ünïcödé.png",
    ".hidden",
    "a..b",
    "...a",
    "com10",
    "console.png",
    "x" * 255,
    "%2e%2e",
]
HOSTILE = sorted(
    {
        *(form.format(part) for part in BAD_PARTS for form in ("{}", "folder/{}", "{}/a.png")),
        *("/" + part for part in SAFE_PARTS),
        *("~/" + part for part in SAFE_PARTS),
        *("../" + part for part in SAFE_PARTS),
        *("~", "~root", "~root/a.png"),  # further down a path, a tilde is a letter like others
        *("/etc/passwd", "//etc/passwd", "\\\\?\\C:\\a", "file:///etc/passwd", "a/" * 2100 + "a", "a//b", "a/", "/"),
    }
)


def test_there_are_hundreds_of_hostile_paths():
    assert len(HOSTILE) >= 200


def test_every_hostile_path_is_refused_before_anything_is_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "open", lambda *arguments, **options: pytest.fail(f"opened {arguments}"))
    for name in HOSTILE:
        with pytest.raises(SourceError):
            files.inside(tmp_path, name)


@pytest.mark.parametrize("part", SAFE_PARTS)
def test_plain_names_are_let_through(tmp_path, part):
    assert files.inside(tmp_path, f"folder/{part}") == tmp_path.resolve() / "folder" / part


@pytest.mark.parametrize("name", ["a\0b", "a\ud800"])
def test_a_name_that_no_system_has_is_a_plain_error(name):
    with pytest.raises(SourceError):
        files.open_regular(name, 10)


def test_a_link_that_leads_out_is_refused_and_one_that_stays_is_followed(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "real").write_bytes(b"real")
    (folder / "out").symlink_to(tmp_path / "secret")
    (folder / "up").symlink_to(tmp_path)
    (folder / "loop").symlink_to("loop")
    (folder / "stays").symlink_to("real")
    for name in ("out", "up/secret", "loop"):
        with pytest.raises(SourceError):
            files.open_regular(files.inside(folder, name), 100)
    assert files.open_regular(files.inside(folder, "stays"), 100) == b"real"


def test_a_file_swapped_for_a_link_after_the_check_is_refused(tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a").write_bytes(b"a")
    path = files.inside(folder, "a")
    path.unlink()
    path.symlink_to(tmp_path / "secret")
    with pytest.raises(SourceError, match="symbolic link"):
        files.open_regular(path, 100)


def test_only_regular_files_of_one_name_and_of_bounded_size_are_read(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    assert files.open_regular(tmp_path / "a", 5) == b"12345"
    with pytest.raises(SourceError, match="more than"):
        files.open_regular(tmp_path / "a", 4)
    os.link(tmp_path / "a", tmp_path / "b")
    with pytest.raises(SourceError, match="hard links"):
        files.open_regular(tmp_path / "a", 5)
    os.mkfifo(tmp_path / "pipe")  # opening one for reading would wait for a writer
    for name in ("pipe", ".", "missing"):
        with pytest.raises(SourceError):
            files.open_regular(tmp_path / name, 5)


def test_hard_links_that_an_installer_made_of_our_presets_are_read(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"preset")
    os.link(tmp_path / "a", tmp_path / "b")
    monkeypatch.setattr(files, "PRESETS", tmp_path.resolve())
    assert files.open_regular(tmp_path / "a", 10) == b"preset"


# ---- writing ----


class Faults:
    """Lets the first calls that touch the disk through and makes one fail."""

    def __init__(self, monkeypatch, number: int, code: int) -> None:
        self.left, self.code, self.failed = number, code, ""
        monkeypatch.setattr(files, "open", self.opened, raising=False)
        for name in ("fsync", "replace"):
            monkeypatch.setattr(files.os, name, self.counted(name, getattr(os, name)))

    def step(self, name: str) -> None:
        self.left -= 1
        if self.left == 0:
            self.failed = name
            raise OSError(self.code, os.strerror(self.code))

    def counted(self, name, function):
        def call(*arguments):
            self.step(name)
            return function(*arguments)

        return call

    def opened(self, *arguments):
        self.step("open")
        handle = open(*arguments)  # noqa: SIM115  # the code under test closes it
        return _Handle(handle, self)


class _Handle:
    """A file whose writes count as steps; half of a failing write reaches the disk."""

    def __init__(self, handle, faults) -> None:
        self.handle, self.faults = handle, faults

    def write(self, data: bytes) -> int:
        try:
            self.faults.step("write")
        except OSError:
            self.handle.write(data[: len(data) // 2])
            raise
        return self.handle.write(data)

    def __enter__(self):
        return self

    def __exit__(self, *error) -> None:
        self.handle.close()

    def __getattr__(self, name):
        return getattr(self.handle, name)


def refusal(function, *arguments) -> ExportError | None:
    """Return the error that a call ends with; any other than ours passes on."""
    try:
        function(*arguments)
    except ExportError as error:
        return error
    return None


def write_through_atomic(path: Path, data: bytes) -> None:
    with files.atomic(path) as handle:
        handle.write(data)


CODES = [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EACCES, errno.EROFS]


@pytest.mark.parametrize("code", CODES, ids=errno.errorcode.get)
def test_a_write_that_fails_at_any_step_leaves_the_old_or_the_new_file(tmp_path, code):
    path = tmp_path / "a"
    for number in itertools.count(1):
        path.write_bytes(b"old")
        with pytest.MonkeyPatch.context() as patch:
            faults = Faults(patch, number, code)
            error = refusal(write_through_atomic, path, b"new" * 1000)
        if error:
            assert error.path == str(path)
        # Without an error, what failed, if anything, is making the rename last: the new file is there and whole.
        assert path.read_bytes() == (b"old" if error else b"new" * 1000)
        assert [entry.name for entry in tmp_path.iterdir()] == ["a"]
        if not faults.failed:
            break
    assert number > 4


@pytest.mark.parametrize("code", CODES, ids=errno.errorcode.get)
def test_several_files_appear_together_or_not_at_all(tmp_path, code):
    paths = [tmp_path / name for name in "abc"]
    new = {path: path.name.encode() * 5000 for path in paths}
    for number in itertools.count(1):
        for path in paths:
            path.unlink(missing_ok=True)
        paths[0].write_bytes(b"old")
        with pytest.MonkeyPatch.context() as patch:
            faults = Faults(patch, number, code)
            error = refusal(files.write_all, new)
        if error and code in (errno.ENOSPC, errno.EDQUOT):
            assert error.needed == 15000
        found = {path: path.read_bytes() for path in tmp_path.iterdir()}
        if error and faults.failed != "replace":
            assert found == {paths[0]: b"old"}
        assert all(data in (b"old", new.get(path)) for path, data in found.items())
        if not faults.failed:
            break
    assert number > 10
    assert {path: path.read_bytes() for path in paths} == new


def test_all_is_on_the_disk_before_the_first_name_and_the_names_are_before_the_end(tmp_path, monkeypatch):
    calls = []
    for name in ("fsync", "replace"):
        function = getattr(os, name)
        monkeypatch.setattr(files.os, name, lambda *args, name=name, call=function: (calls.append(name), call(*args)))
    files.write_all({tmp_path / name: b"new" for name in "abc"})
    assert calls == ["fsync"] * 3 + ["replace"] * 3 + ["fsync"]
    calls.clear()
    write_through_atomic(tmp_path / "a", b"newer")
    assert calls == ["fsync", "replace", "fsync"]


def test_a_limit_of_the_system_itself_leaves_the_old_file(tmp_path):
    resource = pytest.importorskip("resource")
    path = tmp_path / "a"
    path.write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(ExportError):
            files.write_bytes(path, b"new" * 10_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_full_disk_says_how_much_is_needed(tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        Faults(patch, 2, errno.ENOSPC)
        with pytest.raises(ExportError, match=r"a was not written: the disk is full, 3\.0 MB are needed"):
            files.write_bytes(tmp_path / "a", bytes(3 * 2**20))


def test_a_folder_with_the_name_of_a_file_stops_all_before_the_first_rename(tmp_path):
    (tmp_path / "b").mkdir()
    with pytest.raises(ExportError, match="a folder has that name"):
        files.write_all({tmp_path / "a": b"a", tmp_path / "b": b"b"})
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ExportError, match="there is no folder"):
        files.write_bytes(tmp_path / "none" / "a", b"a")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ExportError, match="cannot be made"):
        files.make_folder(tmp_path / "file")


def test_an_error_of_the_writer_leaves_the_old_file(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(TypeError, match="str"):
        write_through_atomic(path, "no bytes")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]
    assert path.read_bytes() == b"old"


WRITER = """
import sys
from pathlib import Path
from materials import files
for number in range(10**9):
    files.write_bytes(Path(sys.argv[1]), (b"%d " % (number % 10)) * 200_000)
    if number == 3:
        print("going", flush=True)
"""


def test_a_killed_writer_leaves_a_whole_file_and_its_leavings_are_swept(tmp_path):
    path = tmp_path / "a"
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            process.kill()
        data = path.read_bytes()
        assert data == data[:2] * 200_000
        files.sweep(tmp_path)
        assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_sweeping_takes_only_what_dead_processes_left(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    dead = tmp_path / f".intarsia-{process.pid}-0123abcd.tmp"
    kept = [f".intarsia-{os.getpid()}-0123abcd.tmp", ".intarsia-x-0123abcd.tmp", ".intarsia-1.tmp", "a.tmp"]
    for path in (dead, *(tmp_path / name for name in kept)):
        path.write_bytes(b"")
    assert files.sweep(tmp_path) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)


def test_writing_follows_the_folder_given_as_text(tmp_path):
    files.write_bytes(str(tmp_path / "a"), b"a")
    assert Path(tmp_path / "a").read_bytes() == b"a"
