"""What the black-box tests share: the binary, stores, servers, documents, requests and tokens."""
