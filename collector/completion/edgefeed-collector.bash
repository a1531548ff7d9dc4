# Completes edgefeed-collector's options, its command and files.
_edgefeed_collector() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} choices
  case $prev in
    -c | --config)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return ;;
  esac
  case "${COMP_WORDS[*]:1:COMP_CWORD - 1} " in
    "verify "*)
      if [[ $cur != -* ]]; then
        mapfile -t COMPREPLY < <(compgen -d -- "$cur")
        return
      fi
      choices="--help" ;;
    " ") choices="verify --config --check --help --version" ;;
    *) choices="--config --check --help --version" ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$cur")
}
complete -o filenames -F _edgefeed_collector edgefeed-collector
