"""PostgreSQL refuses to run as root, so under root it runs as nobody. This finds places where nobody can go.

A clone below a folder of mode 0700 (``/root``, say) is out of nobody's reach, and we change no permissions of folders
that are not ours. Ambient capabilities would lift the barrier, but not in every container; a private folder elsewhere
works wherever root can chown. It is linked from ``var/embedded/elsewhere`` and goes with ``python -m embedded stop
--purge`` (`make clean`).
"""

import os
import pwd
import shutil
import stat
import sys
import tempfile
from pathlib import Path

from embedded.process import EmbeddedError

_PLACES = (Path("/var/lib"), Path("/var/tmp"), Path("/tmp"))  # noqa: S108  (a private folder inside: mkdtemp)


def servers_user() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as: nobody under root, else (None) the user who started us."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def reachable(path: Path) -> bool:
    """True if the servers' user can enter `path` and everything above it."""
    real = path.resolve()
    return os.geteuid() != 0 or all(place.stat().st_mode & stat.S_IXOTH for place in (real, *real.parents))


def home(folder: Path) -> Path:
    """`folder` where the servers' user can enter it, else its stand-in elsewhere, made on first use.

    Raises EmbeddedError when no place will do.
    """
    link = folder / "elsewhere"
    if link.is_dir():
        return link.resolve()
    if reachable(folder):
        return folder
    if link.is_symlink():
        print(f"{link.readlink()}, the database's folder, is gone: starting with an empty one.", file=sys.stderr)
        link.unlink()
    link.symlink_to(_private_folder())
    return link.resolve()


def give(path: Path, user: pwd.struct_passwd | None) -> None:
    """Make `user` the owner of `path` and all below it; nothing to do for None. Raises EmbeddedError."""
    if user is None:
        return
    try:
        for item in (path, *path.rglob("*")):
            os.chown(item, user.pw_uid, user.pw_gid, follow_symlinks=False)
    except OSError:  # a container's root that is nobody outside and may not hand files to others
        raise EmbeddedError("This root may not start PostgreSQL as another user: set DATABASE_URL.") from None


def purge(folder: Path) -> None:
    """Delete the stand-in of `folder`, if there is one."""
    link = folder / "elsewhere"
    if link.is_symlink():
        shutil.rmtree(link.resolve(), ignore_errors=True)
        link.unlink()


def _private_folder() -> Path:
    for place in _PLACES:
        if place.is_dir() and reachable(place) and os.access(place, os.W_OK):
            path = Path(tempfile.mkdtemp(prefix="nightshelf-", dir=place))
            give(path, servers_user())
            return path
    raise EmbeddedError(
        "The user nobody, as whom PostgreSQL has to run under root, can neither enter this folder nor "
        "/var/lib, /var/tmp or /tmp: move the project, or run as an ordinary user, or set DATABASE_URL."
    )
