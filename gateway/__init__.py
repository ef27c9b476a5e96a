import services as services  # Before anything imports gRPC; its own page says why.
