"""An authority of one test run, and the certificates that it gives to servers on this machine."""

import datetime
import ipaddress
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def _days(number):
	return datetime.timedelta(days=number)


def _now():
	return datetime.datetime.now(datetime.timezone.utc)


def _name(text):
	return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate):
	return certificate.public_bytes(serialization.Encoding.PEM)


def new_key(kind="P-256"):
	if kind.startswith("RSA-"):
		return rsa.generate_private_key(65537, int(kind.removeprefix("RSA-")))
	return ec.generate_private_key(ec.SECP256R1())


def _certificate(subject, key, issuer, issuer_key, begins, ends, extensions):
	builder = x509.CertificateBuilder(issuer_name=issuer, subject_name=subject, public_key=key.public_key(), serial_number=x509.random_serial_number(),
	                                  not_valid_before=begins, not_valid_after=ends)
	extensions = [*extensions, (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
	              (x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False)]
	for extension, critical in extensions:
		builder = builder.add_extension(extension, critical)
	return builder.sign(issuer_key, hashes.SHA256())


def _key_usage(authority):
	return x509.KeyUsage(digital_signature=not authority, key_cert_sign=authority, crl_sign=authority, content_commitment=False, key_encipherment=False,
	                     data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False)


class Pair:
	"""The two files that writ serve takes."""

	def __init__(self, certificate_file, key_file, serial):
		self.certificate_file, self.key_file, self.serial = certificate_file, key_file, serial

	@property
	def options(self):
		return ("--tls-certificate", str(self.certificate_file), "--tls-key", str(self.key_file))


class Authority:
	"""A root, and an authority below it that signs, so that chains have a middle."""

	def __init__(self, folder):
		self.folder = pathlib.Path(folder)
		self.folder.mkdir(parents=True, exist_ok=True)
		self.file = self.folder / "authority.pem"
		root_key, self._key = new_key(), new_key()
		root, self._name = _name("Test root"), _name("Test authority")
		span = (_now() - _days(30), _now() + _days(3000))
		self._root = _certificate(root, root_key, root, root_key, *span, [(x509.BasicConstraints(True, None), True), (_key_usage(True), True)])
		self._middle = _certificate(self._name, self._key, root, root_key, *span, [(x509.BasicConstraints(True, 0), True), (_key_usage(True), True)])
		self.file.write_bytes(_pem(self._root))

	def pair(self, name="server", days=90, kind="P-256", begins_days=-1, folder=None):
		"""A certificate for localhost and 127.0.0.1 with its chain, and its key; an earlier pair of that name is replaced."""
		key = new_key(kind)
		addresses = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
		revocations = x509.CRLDistributionPoints([x509.DistributionPoint([x509.UniformResourceIdentifier("http://crl.example.test/test.crl")], None, None, None)])
		begins = min(_now() + _days(begins_days), _now() + _days(days - 1))
		made = _certificate(_name("localhost"), key, self._name, self._key, begins, _now() + _days(days), [
			(x509.BasicConstraints(False, None), True), (_key_usage(False), True), (addresses, False), (revocations, False),
			(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)])
		folder = pathlib.Path(folder or self.folder)
		pair = Pair(folder / f"{name}.pem", folder / f"{name}.key", made.serial_number)
		pair.certificate_file.write_bytes(_pem(made) + _pem(self._middle))
		pair.key_file.unlink(missing_ok=True)
		pair.key_file.touch(0o600)
		pair.key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
		return pair
