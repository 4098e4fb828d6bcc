"""Which rows of which table PostgreSQL lets whom read and write: the table behind the SQL matrix.

Rows go by the labels of `tests.access.world`: those of accounts by the account's short name, bookings by patient and
doctor ("aa" is A's with A, "ab held" is a hold of patient A with doctor B). Who is not named gets nothing. `own` is the
row that has the visitor's name, `*` all rows; a doctor C is not verified and so not public.

"update" and "delete" are sent without a condition, so that the policies of these verbs alone decide what they reach;
"insert" tries a copy of each row.
"""

EVERYBODY = "anonymous sign-in pA pB dA dB dC ph admin super system"
PEOPLE = "pA pB dA dB dC ph"
SIGNED_IN = f"{PEOPLE} admin super"
STAFF = "admin super"
SYSTEM = dict.fromkeys(("select", "insert", "update", "delete"), "system: *")

ACCOUNTS_OWN = dict.fromkeys(SYSTEM, f"sign-in system: *; {SIGNED_IN}: own")

PUBLIC = {
    "select": f"{EVERYBODY}: *",
    "insert": "system: *",
    "update": "system: *",
    "delete": "system: *",
}
REFERENCE = PUBLIC | dict.fromkeys(("insert", "update"), "admin system: *")

PRACTICE_READERS = (
    "anonymous sign-in ph dA dB: dA, dB; pA pB: dA, dB, gone; dC: dA, dB, dC; admin super system: *"
)
PRACTICE = {
    "select": PRACTICE_READERS,
    **dict.fromkeys(("insert", "update", "delete"), "dA dB dC: own; admin system: *"),
}
# A trigger keeps what was verified: A and B are.
VERIFIED_PRACTICE = PRACTICE | dict.fromkeys(("insert", "update", "delete"), "dC: own; admin system: *")

LOG = {"select": f"{STAFF} system: *", "insert": "system: *", "update": "", "delete": ""}

BOOKED = "pA: aa, ab held; pB: bb, ba held; dA: aa, ba held; dB: bb, ab held"
OF_BOOKED = (
    "pA: aa d, aa p, ab held d, ab held p; pB: bb d, bb p, ba held d, ba held p, stale d, stale p;"
    "dA: aa d, aa p, ba held d, ba held p; dB: bb d, bb p, ab held d, ab held p, stale d, stale p"
)
DOCTORS_TIMES = "aa d, ab held d, ba held d, bb d, stale d"

EXPECTED: dict[str, dict[str, str]] = {
    # --- accounts ---
    "accounts_user": {
        "select": f"sign-in {STAFF} system: *; {PEOPLE}: own",
        # A trigger leaves staff to super admins.
        "insert": "sign-in admin: pA, pB, dA, dB, dC, ph; super system: *",
        "update": f"sign-in {STAFF} system: *; {PEOPLE}: own",
        "delete": "system: *",
    },
    "accounts_profile": {
        **dict.fromkeys(("select", "insert", "update"), f"{PEOPLE}: own; {STAFF} system: *"),
        "delete": "system: *",
    },
    "accounts_patient": {
        # Doctors see who booked with them, not who is still choosing.
        "select": f"pA: pA, pA child; pB: pB, pB child; dA: pA; dB: pB; {STAFF} system: *",
        "insert": "admin system: *",
        "update": "pA: pA, pA child; pB: pB, pB child; admin system: *",
        "delete": "system: *",
    },
    "accounts_guardianship": SYSTEM | {"select": f"pA: pA, pA child; pB: pB, pB child; {STAFF} system: *"},
    "accounts_insuranceprovider": REFERENCE,
    "accounts_patientinsurance": {
        "select": "pA pB: own; admin system: *",
        **dict.fromkeys(("insert", "update", "delete"), "pA pB: own; system: *"),
    },
    "accounts_adminauditlog": LOG,
    "accounts_auditanchor": LOG,
    "accounts_impersonationsession": {
        **dict.fromkeys(("select", "insert", "update"), f"{STAFF} system: *"),
        "delete": "system: *",
    },
    "accounts_apisession": {
        **dict.fromkeys(("select", "update"), f"sign-in system: *; {SIGNED_IN}: own"),
        **dict.fromkeys(("insert", "delete"), "sign-in system: *"),
    },
    "accounts_signinmail": SYSTEM,
    "account_emailaddress": ACCOUNTS_OWN,
    "account_emailconfirmation": dict.fromkeys(SYSTEM, "sign-in system: *"),
    "mfa_authenticator": ACCOUNTS_OWN,
    "usersessions_usersession": ACCOUNTS_OWN,
    "socialaccount_socialaccount": ACCOUNTS_OWN,
    "socialaccount_socialtoken": ACCOUNTS_OWN,
    # --- the kernel ---
    "common_outboxevent": SYSTEM | {"select": f"{STAFF} system: *", "insert": f"{EVERYBODY}: *"},
    "common_idempotencykey": SYSTEM,
    # --- doctors ---
    "doctors_specialty": REFERENCE,
    "doctors_doctor": {
        "select": PRACTICE_READERS,
        "insert": "admin system: *",
        "update": "dA dB dC: own; admin system: *",
        "delete": "system: *",
    },
    "doctors_office": PRACTICE,
    "doctors_visittype": PRACTICE,
    "doctors_doctorspecialty": VERIFIED_PRACTICE,
    "doctors_doctor_accepted_insurers": PRACTICE,
    "doctors_weeklyhours": PRACTICE,
    "doctors_scheduleexception": PRACTICE,
    "doctors_doctoravailability": PUBLIC,
    "doctors_directoryentry": PUBLIC,
    "doctors_directoryplace": PUBLIC,
    "doctors_searchterm": PUBLIC | dict.fromkeys(("insert", "delete"), "admin system: *"),
    "doctors_credential": {
        "select": "dA: dA, dA reviewed; dB: dB, dB reviewed; dC: dC; admin system: *",
        # What was reviewed stays.
        "insert": "dA dB dC: own; system: *",
        "update": "admin system: *",
        "delete": "dA dB dC: own; system: *",
    },
    # --- bookings ---
    "bookings_booking": {
        "select": f"{BOOKED}; {STAFF} system: *",
        "insert": "pA: aa, ab held; pB: bb, ba held; admin system: *",
        "update": f"{BOOKED}; admin system: *",
        "delete": "system: *",
    },
    "bookings_bookingtransition": {
        "select": f"{BOOKED}; {STAFF} system: *",
        "insert": f"{BOOKED}; admin system: *",
        "update": "",
        "delete": "",
    },
    "bookings_busyperiod": {
        "select": f"anonymous sign-in ph dC super: {DOCTORS_TIMES}; pA: {DOCTORS_TIMES}, aa p, ab held p;"
        f"pB: {DOCTORS_TIMES}, bb p, ba held p, stale p; dA: {DOCTORS_TIMES}, aa p, ba held p;"
        f"dB: {DOCTORS_TIMES}, bb p, ab held p, stale p; admin system: *",
        "insert": f"{OF_BOOKED}; admin system: *",
        "update": f"{OF_BOOKED}; admin system: *",
        # Whoever comes next clears away what ran out.
        "delete": f"{OF_BOOKED}; pA dA dC: stale d, stale p; admin system: *",
    },
    "bookings_calendarfeed": {
        **dict.fromkeys(("select", "insert", "update"), "pA pB dA dB: own; system: *"),
        "delete": "system: *",
    },
    # --- messaging ---
    "messaging_notification": SYSTEM | {"select": f"{PEOPLE}: own; {STAFF} system: *"},
    "messaging_inboxnotice": SYSTEM | dict.fromkeys(("select", "update"), f"{SIGNED_IN}: own; system: *"),
    "messaging_notificationpreferences": SYSTEM
    | dict.fromkeys(("select", "insert", "update"), f"{SIGNED_IN}: own; system: *"),
}

# What a policy on rows cannot say and a trigger does: visitor, table, row, what is set.
COLUMNS_KEPT = (
    ("pA", "accounts_user", "pA", "role = 'super_admin'"),
    ("dA", "accounts_user", "dA", "role = 'admin'"),
    ("sign-in", "accounts_user", "pA", "role = 'admin'"),
    ("admin", "accounts_user", "admin", "role = 'super_admin'"),
    ("super", "accounts_user", "pA", "role = 'admin'"),
    ("sign-in", "accounts_user", "pA", "is_active = false"),
    ("pA", "accounts_user", "pA", "is_active = false"),
    ("admin", "accounts_user", "super", "is_active = false"),
    ("pA", "bookings_booking", "ab held", "status = 'completed', hold_expires_at = NULL"),
    ("dA", "bookings_booking", "aa", "status = 'cancelled_by_patient'"),
    ("dC", "doctors_doctor", "dC", "is_approved = true"),
    ("dC", "doctors_doctor", "dC", "credential_status = 'verified'"),
    ("dA", "doctors_doctor", "dA", "last_name = 'X'"),
    ("dA", "doctors_doctor", "dA", "rating_average = 5"),
)

# Own rows that their owner tries to give to somebody else: visitor, row, column, whose it would be.
GIVEN_AWAY = (
    ("accounts_profile", "pA", "pA", "user_id", "pB"),
    ("accounts_patientinsurance", "pA", "pA", "patient_id", "pB"),
    ("accounts_apisession", "pA", "pA", "user_id", "pB"),
    ("account_emailaddress", "pA", "pA", "user_id", "pB"),
    ("mfa_authenticator", "dA", "dA", "user_id", "dB"),
    ("bookings_booking", "pA", "aa", "patient_id", "pB"),
    ("bookings_booking", "dA", "aa", "doctor_id", "dB"),
    ("bookings_busyperiod", "pA", "aa d", "doctor_id", "dB"),
    ("bookings_busyperiod", "pA", "aa p", "patient_id", "pB"),
    ("bookings_busyperiod", "dA", "aa p", "patient_id", "pB"),
    ("bookings_busyperiod", "dA", "aa d", "booking_id", "bb"),
    ("bookings_calendarfeed", "pA", "pA", "user_id", "pB"),
    ("doctors_office", "dA", "dA", "doctor_id", "dB"),
    ("doctors_weeklyhours", "dA", "dA", "doctor_id", "dB"),
    ("messaging_inboxnotice", "pA", "pA", "user_id", "pB"),
    ("messaging_notificationpreferences", "pA", "pA", "user_id", "pB"),
)
