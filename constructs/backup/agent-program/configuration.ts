/** Reading the configurations of the lab and of a service. */
export const CONFIGURATION = `SERVICE_LINES='service keep quiesce container volume folder postgres redis command_before command_after'
LAB_LINES='host engine repository limits'

# each FILE LINES WANTED FUNCTION: calls FUNCTION with the words of those lines of a configuration that are wanted, the
# line's own name first. It doesn't nest.
each() {
  for line in $2; do eval "$line() { :; }"; done
  for line in $3; do eval "$line() { $4 $line \\"\\$@\\"; }"; done
  . "$1"
}
each_line() { each "$etc/$service.conf" "$SERVICE_LINES" "$1" "$2"; }
each_lab_line() { each "$etc/lab.conf" "$LAB_LINES" "$1" "$2"; }

lab_line() {
  case $1 in
    host) host=$2 ;;
    engine) image=$3 ;;
    limits) memory=$2 cpus=$3 bandwidth=$4 ;;
    repository) repositories="$repositories $2" ;;
  esac
}
service_line() {
  case $1 in
    service) folder_name=\${3-$2} ;;
    keep) keep_daily=$2 keep_weekly=$3 keep_monthly=$4 keep_yearly=$5 ;;
    quiesce) quiescing=$2 ;;
    container) containers="$containers $2" reversed="$2 $reversed" ;;
    postgres | redis) servers="$servers $3 " ;;
  esac
}

configured() {
  plain "a service" "$1"
  service=$1 repositories= containers= reversed= servers= folder_name=$1 quiescing=none
  memory=- cpus=- bandwidth=- image= host=
  keep_daily=0 keep_weekly=0 keep_monthly=0 keep_yearly=0
  for one in lab.conf "$service.conf"; do
    [ -f "$etc/$one" ] || refuse "$etc has no $one: the lab declares no backup of $service on this host"
  done
  # A line that we don't know is something that nobody would copy.
  (set -e; each "$etc/lab.conf" "$LAB_LINES" '' :; each "$etc/$service.conf" "$SERVICE_LINES" '' :)
  [ $? = 0 ] || refuse "$etc/$service.conf or lab.conf has a line that this agent does not know: deploy the host again"
  each_lab_line 'host engine limits repository' lab_line
  each_line 'service keep quiesce container postgres redis' service_line
}

# choose REPOSITORY: sets $repository, $kind and $location.
choose() {
  repository=
  wanted=$1
  each_lab_line repository chosen
  [ -n "$repository" ] || refuse "there is no repository $(text "$wanted"), there are:$repositories"
}
chosen() {
  [ "$2" != "$wanted" ] || { repository=$2 kind=$3 location=\${4%/}; }
}
`;
