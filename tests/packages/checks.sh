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

await() { # await DESCRIPTION SECONDS COMMAND…: until it succeeds.
  local what=$1 end=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || fail "$what, not in time ($*)"
    sleep 0.1
  done
  echo "ok: $what"
}

apt_install() { # apt_install PACKAGE…: keeps edited configuration, as dpkg does without being asked.
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Options::=--force-confdef -o Dpkg::Use-Pty=0 \
    install -y --no-install-recommends "$@" </dev/null
}
