#!/usr/bin/env bash
# The whole way of a patient with curl and a token: search, sign up, confirm the address, hold, book, move, cancel.
#
#     make run                                   # in another terminal
#     docs/booking-journey.sh [http://localhost:8000]
#
# The code that confirms the address is read from the mailbox page of a local run. Needs curl and python3.
set -euo pipefail
site=${1:-http://localhost:8000}
api=$site/api/v1
language=${LANGUAGE_CODE:-en}
email="curl-$(date +%s)-$RANDOM@example.com"
password="correct horse battery staple"
token=""

say() { printf '\n== %s\n' "$*"; }

# field PATH: one value of the JSON on standard input, such as `data.results.0.id`.
field() {
  python3 -c '
import json, sys
value = json.load(sys.stdin)
for part in sys.argv[1].split("."):
    value = value[int(part)] if part.lstrip("-").isdigit() else value[part]
print(value)' "$1"
}

# call METHOD PATH [BODY]: the answer; anything but a success ends the journey with what the server said.
call() {
  local method=$1 path=$2 body=${3:-} answer status
  local options=(--silent --show-error --request "$method" --header "Accept-Language: $language" --write-out '\n%{http_code}')
  [ -z "$token" ] || options+=(--header "Authorization: Bearer $token")
  if [ "$method" = POST ]; then
    options+=(--header 'Content-Type: application/json' --header "Idempotency-Key: $(python3 -c 'import uuid; print(uuid.uuid4())')")
    options+=(--data "${body:-{\}}")
  fi
  answer=$(curl "${options[@]}" "$api/$path")
  status=${answer##*$'\n'}
  answer=${answer%$'\n'*}
  if [ "$status" -ge 400 ]; then
    printf '%s %s: %s\n%s\n' "$method" "$path" "$status" "$answer" >&2
    return 1
  fi
  printf '%s' "$answer"
}

say "A heart specialist, by a word that people type"
doctors=$(call GET 'public/doctors/?q=corazon&sort=soonest&page_size=1')
doctor=$(field data.results.0.id <<<"$doctors")
slug=$(field data.results.0.slug <<<"$doctors")
field data.results.0.name <<<"$doctors"

say "Free times of the next two weeks"
details=$(call GET "public/doctors/$slug/")
visit_type=$(field data.visit_types.0.id <<<"$details")
mode=$(field data.visit_types.0.modes.0 <<<"$details")
slots=$(call GET "public/slots/?doctor=$doctor&visit_type=$visit_type&visit_mode=$mode&days=31")
start=$(field data.days.-1.starts_at.0 <<<"$slots")
later=$(field data.days.-1.starts_at.-1 <<<"$slots")
printf '%s, later %s (%s)\n' "$start" "$later" "$(field data.time_zone <<<"$slots")"

say "Sign up as $email"
flow=$(call POST auth/signup/ "{\"email\": \"$email\", \"password\": \"$password\", \"first_name\": \"Curl\", \"last_name\": \"Pérez\", \"language\": \"$language\"}" | field data.flow)

say "Confirm the address with the code from the mail"
code=""
for _ in $(seq 30); do
  letter=$(curl --silent "$site/mailbox/" | grep -o '/mailbox/[0-9][^"?/]*/' | head -1 || true)
  page=$([ -z "$letter" ] || curl --silent "$site$letter")
  if grep -q "$email" <<<"$page"; then
    code=$(grep -oE '\b[0-9]{6}\b' <<<"$page" | head -1)
    break
  fi
  sleep 1
done
[ -n "$code" ] || { echo "No mail came to the mailbox." >&2; exit 1; }
signed_in=$(call POST auth/email-verification/confirm/ "{\"flow\": \"$flow\", \"code\": \"$code\"}")
token=$(field data.access_token <<<"$signed_in")
refresh=$(field data.refresh_token <<<"$signed_in")
echo "Signed in."

say "A fresh token for the refresh token, which is spent by that"
renewed=$(token="" call POST auth/token/refresh/ "{\"refresh_token\": \"$refresh\"}")
token=$(field data.access_token <<<"$renewed")
patient=$(call GET patient/profile/ | field data.id)

say "Hold the time for ten minutes"
hold=$(call POST patient/holds/ "{\"doctor\": \"$doctor\", \"patient\": \"$patient\", \"visit_type\": \"$visit_type\", \"visit_mode\": \"$mode\", \"starts_at\": \"$start\", \"patient_notes\": \"Palpitations at night\"}")
booking=$(field data.id <<<"$hold")
printf '%s until %s\n' "$(field data.reference <<<"$hold")" "$(field data.hold_expires_at <<<"$hold")"

say "Book it"
call POST patient/bookings/ "{\"hold\": \"$booking\"}" | field message

say "It is on the list"
call GET patient/bookings/ | field data.results.0.status

say "Move it to $later"
call POST "patient/bookings/$booking/reschedule/" "{\"starts_at\": \"$later\"}" | field data.starts_at

say "Cancel it"
call POST "patient/bookings/$booking/cancel/" '{"reason": "Only a walk through"}' | field data.status

say "Sign out"
call POST auth/logout/ | field message
