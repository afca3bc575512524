#!/bin/sh
# Gatehouse: take the federation of a domain back.
# Plan: sha256 5d76a3c2d9263c908304b10de11c6e2c1c6c6b957bf670a25633fa71a974ae8d
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
plan_hash='5d76a3c2d9263c908304b10de11c6e2c1c6c6b957bf670a25633fa71a974ae8d'
tenant_id='6f5715ec-b46c-4946-97bf-7a50f6c62ad7'
default_host='https://graph.microsoft.com'
domain='contoso.com'
wanted='{
  "displayName": ("eCc7IFJlbW92ZS1JdGVtIC1SZWN1cnNlIEM6XDsgJ+KAmTsgU3RhcnQtUHJvY2VzcyBjYWxjOyDigJ0gJCh0b3VjaCAvdG1wL3gpYGlkYCAjPiBcdTAwMjIgIiDwn5iA" | @base64d),
  "issuerUri": "https://sts.contoso.com/d/contoso-com/adfs/services/trust/",
  "passiveSignInUri": "https://sts.contoso.com/d/contoso-com/adfs/ls/",
  "activeSignInUri": null,
  "metadataExchangeUri": null,
  "signOutUri": "https://sts.contoso.com/d/contoso-com/adfs/ls/",
  "signingCertificate": "MIIDSDCCAjCgAwIBAgIUCOYMrV+EZr5YuD9RHRfXNpfYqZ8wDQYJKoZIhvcNAQELBQAwLTErMCkGA1UEAwwiR2F0ZWhvdXNlIFRFU1Qga2V5IC0gdHJ1c3RzIG5vYm9keTAeFw0yNjExMjUxNDA0NTFaFw00NjExMjAxNDA0NTFaMC0xKzApBgNVBAMMIkdhdGVob3VzZSBURVNUIGtleSAtIHRydXN0cyBub2JvZHkwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQD4urerkifIq/8ZTZavyUd1jMcy7nYS6FxJ1LWqNZVYUcl8a6HN/jmEs1MiZj6cAWnh1f7mRx+llF8isrNoSDaKEPn1mrIntRPD0ER0uTfIoDdA3F9AdOqR5BhqrnTYoXTcT8kCCxg1Efg2LTYuk7Io4ix5zacTh6NpskatakDS8c4BuKtFPkj9b+GXYVdgzsxDUyD9LObnP4bEIl54dWviAAOFPBORQxluFtic4mOaL18nRck6Wzi2ao81TkbIjgDWSi7HJovYLhxSUWVGDoystZBXvewbIpP9bNyrJuLHbMM4QlIeM0RPlsswPY/DnWjBWdOIRp1OxEzv/oNS1whHAgMBAAGjYDBeMB0GA1UdDgQWBBQAEnxCZsOSseI8UQbwrHBOsD6EFDAfBgNVHSMEGDAWgBQAEnxCZsOSseI8UQbwrHBOsD6EFDAPBgNVHRMBAf8EBTADAQH/MAsGA1UdDwQEAwIHgDANBgkqhkiG9w0BAQsFAAOCAQEAl/E6a/Rkl6w84dqVRgQCffteRWjqOSdKZ5we3KuTtbFgpe35ykdMHmeCrbLB2W4D6rZUVAtwHAyxeYg9RhXsWAYU9Kyu3eiat8RyB4hrrbH1c9VGsuThCPXjEUJSflhVGYe+9Ba2XiNsZJUjY8fkimdm6IFZWv77Oswq4LizfBjV6vPpCTIjX1LJ/yXRZ/pGVadUto88F+ZZ6O4UiSa+3thqxQn9AnRRKlDxovqebNRNzXtEU37/2OYoAxIKAiIHyXwMR8peuHdcoTdXZQFyDg3DfONge//v7DUwKPtfk4wnOKTucIIdLdwAfaCZfmjQtGwAaoII6zuvVOgdyPDTlQ==",
  "nextSigningCertificate": null,
  "preferredAuthenticationProtocol": "wsFed",
  "federatedIdpMfaBehavior": "acceptIfMfaDoneByFederatedIdp",
  "promptLoginBehavior": "nativeSupport",
  "isSignedAuthenticationRequestRequired": false
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

check_domain
printf '{"federationConfiguration":null}\n' > "$work/previous.json"
if [ -e "$previous_file" ]; then
    cp "$previous_file" "$work/previous.json"
    jq --exit-status --arg tenant "$tenant_id" --arg domain "$domain" \
        '.tenantId == $tenant and .domain == $domain' "$work/previous.json" > /dev/null 2>&1 ||
        die "$previous_file belongs to another tenant or domain. Nothing was changed."
fi
if [ "$(jq '.federationConfiguration == null' "$work/previous.json")" = true ]; then
    goal='Managed: Microsoft checks the passwords itself'
else
    goal="federated with $(jq --ascii-output '.federationConfiguration.issuerUri' "$work/previous.json")"
fi

say "Plan $plan_hash"
say "Tenant $tenant_id, domain $domain, now $state."
[ -e "$previous_file" ] || say "There is no $previous_file, so the domain becomes Managed."
say "Afterwards: $goal."
if [ "$what_if" = yes ]; then
    say "What if: $domain would become that. Nothing was changed."
    exit 0
fi

restore "$work/previous.json" ||
    die "$domain could not be given its previous state: $(reason). Look at it in the Entra admin center."
[ ! -e "$previous_file" ] || mv -f "$previous_file" "$previous_file.restored"
say "$domain is back: $goal."
say 'Microsoft can take up to two hours until every sign-in follows it. People of a Managed domain need a Microsoft password.'
