#!/bin/sh
# Gatehouse: switch off what a tenant demands at sign-in.
# Plan: sha256 3bfc6967f8b5e8b3e6a709d79b516c19de148da6788dc8ae2410daf61f91da90
#
# Needs curl and jq. GRAPH_TOKEN holds an access token for Microsoft Graph that may change domains;
# GRAPH_HOST, where Graph is, if not at the address below.
# --what-if says what would change, and changes nothing.
# --previous FILE names the file that keeps the previous state of the domain.
set -eu
umask 077
LC_ALL=C
export LC_ALL

# What the plan says.
plan_hash='3bfc6967f8b5e8b3e6a709d79b516c19de148da6788dc8ae2410daf61f91da90'
tenant_id='6f5715ec-b46c-4946-97bf-7a50f6c62ad7'
default_host='https://graph.microsoft.com'
domain='contoso.com'
demand='per-user-mfa'
turn='off'
permission='Policy.ReadWrite.AuthenticationMethod'
wanted='{
  "perUserMfaState": "disabled"
}'

say() { printf '%s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() {
    printf 'stopped: %s\n' "$*" >&2
    exit 1
}

what_if=no
previous_file="gatehouse-previous-$domain.json"
while [ $# -gt 0 ]; do
    case $1 in
        --what-if) what_if=yes ;;
        --previous)
            [ $# -ge 2 ] || die '--previous needs the name of a file'
            previous_file=$2
            shift
            ;;
        *) die 'known arguments are --what-if and --previous FILE' ;;
    esac
    shift
done

for tool in curl jq mktemp; do
    command -v "$tool" > /dev/null 2>&1 || die "this script needs $tool; install it and run the script again"
done
[ -n "${GRAPH_TOKEN:-}" ] || die 'put an access token for Microsoft Graph into GRAPH_TOKEN'
case $GRAPH_TOKEN in
    *[!A-Za-z0-9._~+/=-]*) die 'what GRAPH_TOKEN holds is not an access token' ;;
esac
host=${GRAPH_HOST:-$default_host}
host=${host%/}
case $host in
    *[!A-Za-z0-9.:/-]*) die 'what GRAPH_HOST holds is not an address' ;;
    https://?*) ;;
    http://127.0.0.1 | http://127.0.0.1:* | http://localhost | http://localhost:*) ;;
    '') die 'GRAPH_HOST has to say where Microsoft Graph is' ;;
    *) die 'GRAPH_HOST has to begin with https://' ;;
esac
# Microsoft needs a moment until a change can be read; GRAPH_PAUSE is that many seconds.
pause=${GRAPH_PAUSE:-5}
case $pause in
    '' | *[!0-9]*) die 'GRAPH_PAUSE has to be a number of seconds' ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
# The token is in a file, as a command line can be seen by others.
printf 'header = "Authorization: Bearer %s"\n' "$GRAPH_TOKEN" > "$work/token"

# The version of Graph that is asked.
version=v1.0

# graph METHOD PATH [BODY]: the answer lands in answer.json, its HTTP status in $status.
graph() {
    : > "$work/answer.json"
    set -- "$1" "$host/$version/$2" "${3:-}"
    if [ -n "$3" ]; then
        status=$(curl --disable --config "$work/token" --silent --show-error --max-time 60 \
            --request "$1" --header 'Content-Type: application/json' --data-binary "@$3" \
            --output "$work/answer.json" --write-out '%{http_code}' "$2") || status=000
    else
        status=$(curl --disable --config "$work/token" --silent --show-error --max-time 60 \
            --request "$1" --header 'ConsistencyLevel: eventual' \
            --output "$work/answer.json" --write-out '%{http_code}' "$2") || status=000
    fi
}

is_done() {
    case $status in
        2??) return 0 ;;
        *) return 1 ;;
    esac
}

# What Graph said about a failed call: one line, and as a JSON string, so that it can't play tricks.
reason() {
    printf 'HTTP %s ' "$status"
    jq --ascii-output '.error.message // empty' "$work/answer.json" 2> /dev/null || :
}

# answer FILTER: a value from the last answer.
answer() { jq --raw-output "$1" "$work/answer.json"; }

# Rules out that the token is for another tenant.
check_tenant() {
    graph GET 'organization?%24select=id'
    is_done || die "the tenant could not be read: $(reason). Nothing was changed."
    [ "$(answer '[.value[].id] | join(" ")')" = "$tenant_id" ] ||
        die "the token is for another tenant than $tenant_id. Nothing was changed."
}

# Rules out everything that forbids touching the domain; $state is Managed or Federated.
check_domain() {
    check_tenant
    graph GET "domains/$domain"
    is_done || die "$domain could not be read: $(reason). Nothing was changed."
    [ "$(answer '.id')" = "$domain" ] ||
        die "Microsoft answered for another domain than $domain. Nothing was changed."
    [ "$(answer '.isVerified')" = true ] ||
        die "$domain is not verified in this tenant. Verify it first. Nothing was changed."
    [ "$(answer '.isInitial')" = false ] ||
        die "$domain is the initial domain of the tenant and can not be federated. Nothing was changed."
    [ "$(answer '.isDefault')" = false ] ||
        die "$domain is the default domain of the tenant. Make another one default first. Nothing was changed."
    [ "$(answer '.isRoot')" = true ] ||
        die "$domain is a subdomain: it follows its root domain. Run the script of the root domain. Nothing was changed."
    state=$(answer '.authenticationType')
    case $state in
        Managed | Federated) ;;
        *) die "$domain is neither Managed nor Federated. Nothing was changed." ;;
    esac
}

# Puts the federation object into current.json, or null while the domain is Managed.
read_federation() {
    printf 'null\n' > "$work/current.json"
    graph GET "domains/$domain"
    is_done || return 1
    [ "$(answer '.authenticationType')" = Federated ] || return 0
    graph GET "domains/$domain/federationConfiguration"
    is_done || return 1
    jq --ascii-output '.value[0]' "$work/answer.json" > "$work/current.json"
}

# differences EXPECTED: the names of the properties of current.json that are not as expected.
differences() {
    jq --null-input --raw-output --slurpfile expected "$1" --slurpfile found "$work/current.json" \
        '$expected[0] | to_entries[] | select(($found[0] // {})[.key] != .value) | .key'
}

# write_federation VALUES: creates the federation object, or updates the one that exists.
write_federation() {
    read_federation || return 1
    jq --ascii-output '{"@odata.type": "#microsoft.graph.internalDomainFederation"} + .' "$1" > "$work/body.json"
    id=$(jq --raw-output '.id // empty' "$work/current.json")
    if [ -z "$id" ]; then
        graph POST "domains/$domain/federationConfiguration" "$work/body.json"
    else
        graph PATCH "domains/$domain/federationConfiguration/$id" "$work/body.json"
    fi
    is_done
}

# await_federation EXPECTED: reads back until all is as expected; $left names what stays different.
await_federation() {
    for try in 1 2 3 4 5 6; do
        [ "$try" = 1 ] || sleep "$pause"
        left=everything
        if read_federation; then
            left=$(differences "$1" | tr '\n' ' ')
            [ -n "$left" ] || return 0
        fi
    done
    return 1
}

# restore FILE: gives the domain a saved state back; nothing saved means Managed.
restore() {
    if [ "$(jq --raw-output '.federationConfiguration == null' "$1")" = true ]; then
        printf '{"authenticationType":"Managed"}\n' > "$work/body.json"
        graph PATCH "domains/$domain" "$work/body.json"
        is_done || return 1
        graph GET "domains/$domain"
        is_done && [ "$(answer '.authenticationType')" = Managed ]
        return
    fi
    # The properties that can be written again; two of them can not be null.
    jq --ascii-output --slurpfile wanted "$work/wanted.json" '.federationConfiguration as $old
        | ($wanted[0] | keys_unsorted) as $names
        | reduce $names[] as $name ({}; .[$name] = $old[$name])
        | .isSignedAuthenticationRequestRequired = ($old.isSignedAuthenticationRequestRequired == true)
        | if .federatedIdpMfaBehavior == null then del(.federatedIdpMfaBehavior) else . end
        | if .promptLoginBehavior == null then del(.promptLoginBehavior) else . end
        | if $old.passwordResetUri != null then .passwordResetUri = $old.passwordResetUri else . end' \
        "$1" > "$work/old.json"
    write_federation "$work/old.json" && await_federation "$work/old.json"
}

jq --null-input --ascii-output "$wanted" > "$work/wanted.json"

# Where the switch is: one line for each object with its address and a name for people.
list_switches() {
    case $demand in
        security-defaults)
            printf 'v1.0 policies/identitySecurityDefaultsEnforcementPolicy security defaults\n' > "$work/switches"
            ;;
        self-reset)
            printf 'v1.0 policies/authorizationPolicy self-service password reset of administrators\n' > "$work/switches"
            ;;
        per-user-mfa) list_people ;;
        *) die "this script knows no $demand" ;;
    esac
}

# Everybody of the domain, page by page.
list_people() {
    : > "$work/switches"
    page="users?%24filter=endsWith(userPrincipalName,'%40$domain')&%24select=id,userPrincipalName&%24count=true&%24top=999"
    while [ -n "$page" ]; do
        graph GET "$page"
        is_done || die "the people of $domain could not be read: $(reason). Nothing was changed."
        jq --raw-output '.value[] | "beta users/\(.id)/authentication/requirements \(.userPrincipalName | @json)"' \
            "$work/answer.json" >> "$work/switches"
        next=$(answer '."@odata.nextLink" // empty')
        page=${next#*/v1.0/}
        [ "$page" != "$next" ] || page=''
    done
}

# read_switch VERSION PATH: the properties of the plan as they are now, into switch.json.
read_switch() {
    version=$1
    graph GET "$2"
    version=v1.0
    is_done || return 1
    jq --ascii-output --slurpfile wanted "$work/wanted.json" \
        '. as $now | $wanted[0] | with_entries(.value = $now[.key])' "$work/answer.json" > "$work/switch.json"
}

# write_switch VERSION PATH VALUES: writes, and reads back until it is so.
write_switch() {
    version=$1
    graph PATCH "$2" "$3"
    version=v1.0
    is_done || return 1
    for try in 1 2 3 4 5 6; do
        [ "$try" = 1 ] || sleep "$pause"
        if read_switch "$1" "$2" && jq --exit-status --null-input --slurpfile wanted "$3" \
            --slurpfile found "$work/switch.json" '$wanted[0] == $found[0]' > "$work/same"; then
            return 0
        fi
    done
    return 1
}

# write_one STATES NUMBER VALUES: writes to one of the objects.
write_one() {
    write_switch "$(jq --raw-output ".[$2].version" "$1")" \
        "$(jq --raw-output ".[$2].path" "$1")" "$3"
}

# write_all STATES: the planned value everywhere, up to the first that fails.
write_all() {
    number=0
    count=$(jq 'length' "$1")
    while [ "$number" -lt "$count" ]; do
        write_one "$1" "$number" "$work/wanted.json" || return 1
        number=$((number + 1))
    done
}

# give_back STATES: each saved value; goes on past what fails, which left.json names then. Whoever is
# gone needs nothing.
give_back() {
    number=0
    count=$(jq 'length' "$1")
    printf '[]\n' > "$work/left.json"
    while [ "$number" -lt "$count" ]; do
        jq --ascii-output ".[$number].values" "$1" > "$work/values.json"
        if ! write_one "$1" "$number" "$work/values.json"; then
            name=$(jq --raw-output ".[$number].name" "$1")
            if [ "$status" = 404 ]; then
                say "  $name is gone: there is nothing to give back."
            else
                warn "$name: $(reason)"
                jq --ascii-output --slurpfile all "$1" ". + [\$all[0][$number]]" \
                    "$work/left.json" > "$work/more.json"
                mv "$work/more.json" "$work/left.json"
            fi
        fi
        number=$((number + 1))
    done
    [ "$(jq 'length' "$work/left.json")" = 0 ]
}

[ "$previous_file" != "gatehouse-previous-$domain.json" ] ||
    previous_file="gatehouse-previous-$demand-$domain.json"
check_tenant

if [ -f "$previous_file" ]; then
    [ "$(jq --raw-output '"\(.tenantId) \(.demand) \(.domain)"' "$previous_file")" = "$tenant_id $demand $domain" ] ||
        die "$previous_file belongs to another tenant, domain or switch. Nothing was changed."
elif [ "$turn" = back ]; then
    die "there is no $previous_file: nothing says what it was before. Nothing was changed."
fi
if [ "$turn" = back ]; then
    jq --ascii-output '.switches' "$previous_file" > "$work/states.json"
else
    list_switches
    printf '[]\n' > "$work/states.json"
    while read -r version_of path name; do
        read_switch "$version_of" "$path" ||
            die "$name could not be read: $(reason). Nothing was changed."
        jq --ascii-output --slurpfile wanted "$work/wanted.json" --slurpfile now "$work/switch.json" \
            --arg version "$version_of" --arg path "$path" --arg name "$name" \
            'if $now[0] == $wanted[0] then .
             else . + [{version: $version, path: $path, name: $name, values: $now[0]}] end' \
            "$work/states.json" > "$work/more.json"
        mv "$work/more.json" "$work/states.json"
    done < "$work/switches"
fi

say "Plan $plan_hash"
say "Tenant $tenant_id, domain $domain, $demand: $turn."
if [ "$(jq 'length' "$work/states.json")" = 0 ]; then
    say 'It is so already. There is nothing to do.'
    exit 0
fi
if [ "$turn" = back ]; then
    jq --raw-output '.[] | "  \(.name): back to \(.values | tojson)"' "$work/states.json"
else
    jq --raw-output --slurpfile wanted "$work/wanted.json" \
        '.[] | "  \(.name): \(.values | tojson) -> \($wanted[0] | tojson)"' "$work/states.json"
fi
if [ "$what_if" = yes ]; then
    say 'What if: this would be written. Nothing was changed.'
    exit 0
fi

if [ "$turn" = back ]; then
    if ! give_back "$work/states.json"; then
        jq --ascii-output --slurpfile left "$work/left.json" '.switches = $left[0]' \
            "$previous_file" > "$work/saved.json"
        cp "$work/saved.json" "$previous_file"
        die "$(jq 'length' "$work/left.json") could not be given back; all others are as they were. $previous_file names those that are left; run this again."
    fi
    mv "$previous_file" "$previous_file.restored"
    say 'Everything is as it was before; each value was read back and compared.'
    exit 0
fi

# What was saved before stays: it is the state from before Gatehouse.
if [ -f "$previous_file" ]; then
    jq --ascii-output --slurpfile new "$work/states.json" \
        '[.switches[].path] as $known | .switches += [$new[0][] | select(.path as $it | $known | index($it) | not)]' \
        "$previous_file" > "$work/saved.json"
else
    jq --null-input --ascii-output --arg tenant "$tenant_id" --arg demand "$demand" --arg domain "$domain" \
        --slurpfile states "$work/states.json" \
        '{tenantId: $tenant, demand: $demand, domain: $domain, switches: $states[0]}' > "$work/saved.json"
fi
cp "$work/saved.json" "$previous_file"
say "What it was before is saved in $previous_file."
if ! write_all "$work/states.json"; then
    problem=$(reason)
    warn "not everything could be written ($problem); what was is being given back"
    give_back "$work/states.json" ||
        die "$(jq 'length' "$work/left.json") could not be given back. $previous_file says what they were; run the script for the way back, or look at them in the Entra admin center."
    die "everything is as it was before. Cause: $problem"
fi
say 'It is done; each value was read back and compared. The script for the way back gives it all back.'
