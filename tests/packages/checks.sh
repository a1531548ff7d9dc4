# shellcheck shell=bash
# For the scripts that run inside the tree. A failed check ends the script.

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

check() { # check DESCRIPTION COMMAND…
  local what=$1
  shift
  "$@" || fail "$what ($*)"
  echo "ok: $what"
}

not() { ! "$@"; }
# shellcheck disable=SC2053 # A pattern.
is_like() { [[ $1 == $2 ]] || { echo "it is '$1'" >&2; return 1; }; }
is() { [[ $1 == "$2" ]] || { echo "it is '$1'" >&2; return 1; }; }

await() { # await DESCRIPTION SECONDS COMMAND…: until it succeeds.
  local what=$1 end=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || fail "$what, not in time ($*)"
    sleep 0.1
  done
  echo "ok: $what"
}

quietly() { # quietly COMMAND…: what it prints is of interest only when it fails.
  "$@" >/tmp/quietly.log 2>&1 </dev/null && return
  cat /tmp/quietly.log >&2
  fail "$*"
}

apt() { # apt COMMAND…: keeps edited configuration, as dpkg does without being asked.
  quietly env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Use-Pty=0 "$@"
}
