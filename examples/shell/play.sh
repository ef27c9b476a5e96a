#!/usr/bin/env bash
# Plays a payment over a Counterfoil gateway, from the request to the receipt: play.sh grpcurl, or play.sh buf
set -euo pipefail
tool=${1:-grpcurl}
here=$(dirname "$0")
service=counterfoil.payments.v1.PaymentsService

# The operation is $1, its request JSON on standard input. Both tools ask the server for its protos, since it describes
# itself, and give up after five seconds. On loopback; anywhere else, leave out -plaintext, or say https.
call() {
    case $tool in
    grpcurl) grpcurl -plaintext -format-error -max-time 5 -d @ "$COUNTERFOIL_SERVER" "$service/$1" ;;
    buf) buf curl --protocol grpc --http2-prior-knowledge --timeout 5s -d @- "http://$COUNTERFOIL_SERVER/$service/$1" ;;
    esac
}

# The status of a refusal on standard input, its reason for programs on standard output. grpcurl knows what ErrorInfo is.
reason() {
    case $tool in
    grpcurl) jq -r '.details[].reason // empty' ;;
    buf)
        jq -r '.details[] | select(.type == "google.rpc.ErrorInfo").value | . + "=" * ((4 - length % 4) % 4)' |
            base64 -d | buf convert "$here/../protos" --type google.rpc.ErrorInfo --to -#format=json | jq -r .reason
        ;;
    esac
}

new_id() { uuidgen 2>/dev/null || cat /proc/sys/kernel/random/uuid; }

amount='{"amount": "120", "currency": "EUR"}'

# A retry with the same request_id asks only once.
asked=$(call RequestPayment <<END
{"request_id": "$(new_id)", "amount": $amount, "payee": {"handle": "Ana"}, "description": "two chairs"}
END
)
session=$(jq -r .session.id <<<"$asked")
token=$(jq -r '.payee_token // .payeeToken' <<<"$asked")
echo "Ana asks: $(jq -r .text <<<"$asked")"

claimed=$(call ClaimPayment <<END
{"request_id": "$(new_id)", "session_id": "$session", "amount": $amount, "payer": {"handle": "Ben"}}
END
)
text=$(jq -r .text <<<"$claimed")
echo "Ben claims: $text"

echo "Verified: $(call DecodeMessage <<<"{\"text\": \"$text\"}" | jq .verdict.verified)"

acknowledge() {
    call AcknowledgePayment <<<"{\"request_id\": \"$(new_id)\", \"payee_token\": \"$token\", \"text\": \"$text\"}"
}
echo "Received: $(acknowledge | jq -r '.session | (.paid_amount // .paidAmount).amount')"

if refusal=$(acknowledge 2>&1); then
    echo 'It was to be refused.' >&2
    exit 1
fi
echo "Once more: $(reason <<<"$refusal")"

while read -r change; do
    echo "$change"
    [[ $change == *_RECEIVED ]] && break
done < <(call WatchSession <<<"{\"session_id\": \"$session\", \"after_sequence\": 0}" 2>/dev/null |
    jq --unbuffered -r '"\(.sequence) \(.session.status)"')
