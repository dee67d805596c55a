"""A certificate for this machine, for one run: clients trust it by the setting that they have for an authority of one's own."""

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def make(folder, *hosts):
	"""(certificate, key): files in the folder; the certificate is its own authority, for this machine and these names."""
	key = ec.generate_private_key(ec.SECP256R1())
	names = [*(x509.DNSName(host) for host in ("localhost", *hosts)), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
	name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "writ interop")])
	now = datetime.datetime.now(datetime.timezone.utc)
	certificate = (
		x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
		.not_valid_before(now - datetime.timedelta(minutes=5)).not_valid_after(now + datetime.timedelta(days=2))
		.add_extension(x509.SubjectAlternativeName(names), critical=False)
		.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
		.sign(key, hashes.SHA256()))
	certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
	certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
	key_file.touch(0o600)
	key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
	return certificate_file, key_file
