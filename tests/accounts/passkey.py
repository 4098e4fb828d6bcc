"""A passkey without a browser: it answers the options of the server as the standard says."""

import json
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from accounts.models import User

ORIGIN, HOST = "https://testserver", b"testserver"
FLAG = AuthenticatorData.FLAG


class Passkey:
    def __init__(self, user: User) -> None:
        self.user = user
        self.key = generate_private_key(SECP256R1())
        self.id = b"a passkey of " + str(user.pk).encode()

    def made(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to being made, in the JSON that browsers send."""
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        seen = AuthenticatorData.create(sha256(HOST), FLAG.UP | FLAG.UV | FLAG.AT, 1, credential)
        return self._answer(
            clientDataJSON=self.client_data("made", options),
            attestationObject=websafe_encode(bytes(AttestationObject.create("none", seen, {}))),
        )

    def signed(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to being asked who is there."""
        seen = AuthenticatorData.create(sha256(HOST), FLAG.UP | FLAG.UV, 2)
        data = self.client_data("signed", options)
        text = bytes(seen) + sha256(_decoded(data))
        return self._answer(
            clientDataJSON=data,
            authenticatorData=websafe_encode(bytes(seen)),
            signature=websafe_encode(self.key.sign(text, ECDSA(hashes.SHA256()))),
            userHandle=websafe_encode(user_pk_to_url_str(self.user).encode()),
        )

    def client_data(self, way: str, options: dict[str, Any], **instead: Any) -> str:
        """What the browser vouches for; `...` leaves something out."""
        kind = {"made": "webauthn.create", "signed": "webauthn.get"}[way]
        data = {"type": kind, "challenge": options["publicKey"]["challenge"], "origin": ORIGIN, **instead}
        kept = {name: value for name, value in data.items() if value is not ...}
        return websafe_encode(json.dumps(kept).encode())

    def _answer(self, **response: str) -> dict[str, Any]:
        name = websafe_encode(self.id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {"credProps": {"rk": True}},
        }


def _decoded(text: str) -> bytes:
    from fido2.utils import websafe_decode

    return websafe_decode(text)
