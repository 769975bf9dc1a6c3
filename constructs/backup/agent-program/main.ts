/** The verbs. */
export const MAIN = `folders
verb=\${1-}
case $verb in
  status)
      status
    exit
    ;;
  run | list | check | unlock | recover | restore | undo | discard | extract | drill) ;;
  *) refuse "the backup agent has no verb $(text "$verb"): run, list, check, unlock, recover, restore, undo, discard, extract, drill, status" ;;
esac
[ $# -ge 2 ] || refuse "say of which service: $0 $verb SERVICE"
configured "$2"
shift 2
case $verb in
  run) run_backup ;;
  list) list_copies ;;
  check) check_by_hand "$@" ;;
  unlock) unlock ;;
  restore | undo | discard) restore "$verb" "$@" ;;
  extract) extract "$@" ;;
  drill) drill "$@" ;;
  recover) lock "a recovery" ;;
esac
exit
`;
