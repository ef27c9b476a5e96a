import os

# Two things for which gRPC has no setting but the environment, which it reads when it is imported.
if os.environ.get("COUNTERFOIL_PUBLIC_TLS_CERTIFICATE"):
    # Otherwise every handshake that fails is a line on stderr, and strangers could write as many as they like.
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
elif os.environ.get("COUNTERFOIL_TLS_CERTIFICATE"):
    # The suites for TLS 1.2, in place of its oldest version. With one that needs a key shared beforehand, which nobody
    # has, TLS 1.3 is all that is left.
    os.environ["GRPC_SSL_CIPHER_SUITES"] = "PSK-AES128-CBC-SHA"
