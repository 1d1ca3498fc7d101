"""A certificate authority for tests and benchmarks, made with openssl."""

import ssl
import subprocess


class Authority:
    """A certificate authority, and the certificates that it gave out, in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test authority", "-days", "2")
        self.issue("server", "server.example.com", "serverAuth", "subjectAltName=IP:127.0.0.1")

    def openssl(self, *words):
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def issue(self, file, name, usage="clientAuth", more="basicConstraints=CA:FALSE", days="2"):
        (self.folder / f"{file}.ext").write_text(f"extendedKeyUsage={usage}\n{more}\n")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-keyout", f"{file}.key", "-out", f"{file}.csr", "-subj", f"/CN={name}")
        self.openssl("x509", "-req", "-in", f"{file}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                     "-out", f"{file}.pem", "-days", days, "-extfile", f"{file}.ext")

    def context(self, file=None):
        """What a client needs: trust in the authority, and a certificate of its own."""
        context = ssl.create_default_context(cafile=self.folder / "ca.pem")
        if file:
            context.load_cert_chain(self.folder / f"{file}.pem", self.folder / f"{file}.key")
        return context
