# Sourced by the other scripts: makes the project's own environment in .venv and enters it.
# Needs Python 3.11 or newer with venv; installs missing system libraries where it may, or names them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages="python3-venv libgl1 libegl1 libglib2.0-0 libxcb1 libdbus-1-3 libfontconfig1 libxkbcommon0"
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

install_system() {
  echo "installing system packages: $packages" >&2
  if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
    as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends $packages >/dev/null
  else
    echo "please install: $packages" >&2
    exit 1
  fi
}

find_python() {
  for name in python3 python3.13 python3.12 python3.11; do
    if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  echo "Intarsia needs Python 3.11 or newer" >&2
  exit 1
}

# enter EXTRA: an environment with the package and its extra, remade when setup.cfg changes.
enter() {
  local python stamp
  python=$(find_python)
  if [ ! -x .venv/bin/python ]; then
    "$python" -m venv .venv 2>/dev/null || { rm -rf .venv; install_system; "$python" -m venv .venv; }
  fi
  # shellcheck disable=SC1091
  . .venv/bin/activate
  stamp=".venv/installed-$1-$(cat setup.cfg pyproject.toml | sha256sum | cut -c1-16)"
  if [ ! -e "$stamp" ]; then
    echo "installing Intarsia into .venv" >&2
    python -m pip install --quiet --disable-pip-version-check --editable ".[$1]"
    rm -f .venv/installed-"$1"-*
    touch "$stamp"
  fi
  # OpenCV and Qt load libraries of the system: install them if the machine lacks them. Qt's own start is tried, since
  # what its platform needs is looked for only then; in a subshell, since Qt ends the process where something is missing.
  works() { QT_QPA_PLATFORM=offscreen python -c 'import cv2, PyQt6.QtOpenGLWidgets, PyQt6.QtWidgets as w; w.QApplication([])'; }
  (works) >/dev/null 2>&1 || { install_system; works; }
}
