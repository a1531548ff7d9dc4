# Completes edgefeedctl's commands, options and files, and the names of devices: those are asked of
# the collector that the command line names so far, for at most a second.
_edgefeedctl() {
  local cur prev words cword
  _get_comp_words_by_ref -n : cur prev words cword 2>/dev/null || {
    words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
    cur=${words[cword]} prev=${words[cword - 1]}
  }

  local commands="devices snapshot watch upload history backup verify dumps rules alerts silence ack unack ca token completion"
  local options="--collector --config --ca --cert --key --token --allow-plaintext --json --timeout --check
    --help --version"
  local command="" index connection=()
  for ((index = 1; index < cword; index++)); do
    case ${words[index]} in
      --collector | --config | --ca | --cert | --key | --token)
        connection+=("${words[index]}" "${words[index + 1]}")
        ((index++)) ;;
      --allow-plaintext) connection+=("${words[index]}") ;;
      --timeout | --interval | --count | --name | --metric | --label | --from | --to | --step | --device | --limit \
        | --severity | --rule | --for | --comment | --author | --window | --dir | --lasts | --out | --request | --role | --file)
        ((index++)) ;;
      -*) ;;
      *) [[ -n $command ]] || command=${words[index]} ;;
    esac
  done

  case $prev in
    --config | --ca | --cert | --key | --request | --token | --file)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return ;;
    --dir | --out)
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      return ;;
    --collector | --timeout | --interval | --count | --name | --label | --from | --to | --step | --limit | --device \
      | --rule | --for | --comment | --author | --window | --lasts)
      return ;;
    --role)
      mapfile -t COMPREPLY < <(compgen -W "viewer operator admin" -- "$cur")
      return ;;
    --severity)
      mapfile -t COMPREPLY < <(compgen -W "info warning critical" -- "$cur")
      return ;;
    --metric)
      mapfile -t COMPREPLY < <(compgen -W "cpu_usage memory_mb" -- "$cur")
      return ;;
  esac

  local choices=""
  case $command in
    "") choices=$commands ;;
    devices) options+=" --names" ;;
    watch) options+=" --interval --readings --count --no-reconnect" ;;
    upload) options+=" --name" ;;
    history) options+=" --metric --label --from --to --step --csv" ;;
    dumps) choices="show get rm" options+=" --device --limit" ;;
    rules) choices="check test replay explain" options+=" --from --to --file" ;;
    alerts) options+=" --severity --watch --history --rule --from --to --limit" ;;
    silence) choices="add ls rm" options+=" --for --comment --author --window" ;;
    ack) options+=" --comment --author --for" ;;
    ca)
      choices="init issue enrol-token revoke renew ls" options+=" --dir --name --lasts --out --request"
      [[ $prev != issue ]] || choices="device collector viewer operator admin" ;;
    token) choices="new ls rm" options+=" --role --lasts --file" ;;
    completion) choices="bash" ;;
  esac
  if [[ $cur == -* ]]; then
    choices=$options
  elif [[ $command == snapshot || $command == watch || $command == history || $command == alerts ]]; then
    choices=$("${words[0]}" "${connection[@]}" --timeout 1s devices --names 2>/dev/null)
  elif [[ $command == backup ]]; then
    mapfile -t COMPREPLY < <(compgen -d -- "$cur")
    return
  elif [[ $command == upload || $command == verify ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    return
  elif [[ $command == rules && $prev != rules ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    return
  fi
  mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$cur")
  # A colon ends a word for readline: offer only what follows the last one already typed.
  if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$cur"; fi
}
complete -F _edgefeedctl edgefeedctl
