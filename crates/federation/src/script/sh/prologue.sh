#
# Needs curl and jq. GRAPH_TOKEN holds an access token for Microsoft Graph that may change domains;
# GRAPH_HOST, where Graph is, if not at the address below.
# --what-if says what would change, and changes nothing.
# --previous FILE names the file that keeps the previous state of the domain.
set -eu
umask 077
LC_ALL=C
export LC_ALL
