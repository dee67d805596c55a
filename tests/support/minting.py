"""Tokens that only the server itself could sign: what is refused although its signature is good, and what is good although its time has come.

The signing key is taken out of the store with the master key, as docs/decisions and src/jose say it lies there."""

import base64
import ctypes
import ctypes.util
import sqlite3

import jwt
from cryptography.hazmat.primitives.serialization import load_der_private_key

NONCE, TAG = 24, 16
ALGORITHMS = {"ES256": 1, "RS256": 2}


def signing_key(store, partition="ACME", algorithm="RS256"):
	"""(kid, private key) of the active key."""
	sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
	database = sqlite3.connect(store.path, timeout=30)
	kid, wrapped = database.execute("SELECT kid, wrapped FROM signing_key WHERE partition = ? AND algorithm = ? AND state = 2", [partition, ALGORITHMS[algorithm]]).fetchone()
	database.close()
	text = (store.path.parent / (store.path.name + ".key")).read_text().strip()
	master = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
	plain, label = ctypes.create_string_buffer(len(wrapped) - NONCE - TAG), f"{partition}|{kid}|{algorithm}".encode()
	code = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(plain, None, None, wrapped[NONCE:], ctypes.c_ulonglong(len(wrapped) - NONCE), label,
	                                                         ctypes.c_ulonglong(len(label)), wrapped[:NONCE], master)
	assert code == 0, "the key does not open"
	return kid, load_der_private_key(plain.raw, None)


def mint(store, claims, typ="JWT", partition="ACME", algorithm="RS256"):
	kid, key = signing_key(store, partition, algorithm)
	return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid, "typ": typ})
