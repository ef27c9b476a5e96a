import os

# gRPC has no setting for the oldest version of TLS, only this list of suites for TLS 1.2, which it reads when it is
# imported. With one that needs a key shared beforehand, which nobody has, TLS 1.3 is all that is left.
if os.environ.get("COUNTERFOIL_TLS_CERTIFICATE"):
    os.environ["GRPC_SSL_CIPHER_SUITES"] = "PSK-AES128-CBC-SHA"
