# Completes edgefeed-agent's options, commands and files.
_edgefeed_agent() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} choices
  case $prev in
    -c | --config | --socket)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return ;;
  esac
  case "${COMP_WORDS[*]:1:COMP_CWORD - 1} " in
    "outbox ls "* | "outbox verify "* | "outbox export "*)
      if [[ $cur != -* ]]; then
        mapfile -t COMPREPLY < <(compgen -d -- "$cur")
        return
      fi
      choices="--help"
      [[ ${COMP_WORDS[2]} != export ]] || choices+=" --json" ;;
    "outbox "*) choices="ls verify export --help" ;;
    "capture "*) choices="--install --uninstall --status --config --help" ;;
    "enrol "*) choices="--config --collector --help" ;;
    "renew "*) choices="--force --config --collector --help" ;;
    "note-shutdown "*) choices="--expect --config --help" ;;
    "status "*) choices="--json --config --socket --help" ;;
    *--estimate*) choices="--json --config --help" ;;
    " ") choices="status enrol renew outbox capture note-shutdown --estimate --config --check --help --version" ;;
    *) choices="--estimate --config --check --help --version" ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$cur")
}
complete -o filenames -F _edgefeed_agent edgefeed-agent
