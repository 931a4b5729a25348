#!/bin/sh
# Make the virtual environment and install the locked packages and this project into it.
#
#   sh tools/setup.sh [FOLDER]        FOLDER: .venv unless named
#   PYTHON=python3.12 sh tools/setup.sh
#
# Needs only Python 3.11 to 3.13 and its pip (22.3 or later). Some systems ship Python without
# ensurepip, and there `python -m venv` fails: then the environment is made without pip and the
# system's own pip installs into it.
set -eu
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

cd "$(dirname "$0")/.."
folder=${1:-.venv}
python="$folder/bin/python"

suits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null
}

find_python() {
    for name in ${PYTHON:-python3.11 python3.12 python3.13 python3}; do
        if command -v "$name" >/dev/null 2>&1 && suits "$name"; then
            command -v "$name"
            return
        fi
    done
    echo "setup: Python 3.11, 3.12 or 3.13 is needed (name one: make PYTHON=...)" >&2
    return 1
}

has_pip() {
    "$1" -m pip --version >/dev/null 2>&1
}

install() {
    if has_pip "$python"; then
        "$python" -m pip install --quiet "$@"
    else
        "$host" -m pip --python "$python" install --quiet "$@"
    fi
}

if ! { [ -x "$python" ] && suits "$python"; }; then
    host=$(find_python)
    echo "setup: making $folder with $host" >&2
    if ! "$host" -c 'import ensurepip' 2>/dev/null || ! "$host" -m venv --clear "$folder"; then
        "$host" -m venv --clear --without-pip "$folder"
    fi
fi
if ! has_pip "$python"; then
    host=${host:-$(find_python)}
    if ! has_pip "$host"; then
        echo "setup: $host has no pip; install it (on Debian: apt-get install python3-pip)" >&2
        exit 1
    fi
fi

echo "setup: installing the locked packages" >&2
install --require-hashes --requirement requirements.lock
install --no-deps --no-build-isolation --editable .
