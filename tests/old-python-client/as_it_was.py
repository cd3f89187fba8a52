"""Puts back what libraries of the old client's time did; importing this is enough.

    python as_it_was.py TEST...    runs unittest so
"""
import functools
import sys
import unittest

import yaml

# PyYAML before 6 had a default for the loader; the old unit tests rely on it.
yaml.load = functools.partial(yaml.load, Loader=yaml.SafeLoader)

try:
    from Crypto.Cipher import AES
except ImportError:  # not needed by what stands in for the old client
    pass
else:
    # PyCrypto took text for the initialization vector. Its successor pycryptodome, which
    # the old client asks for, does not: single sign-on fails there on any Python 3.
    new_cipher = AES.new
    AES.new = lambda key, mode, iv: new_cipher(key, mode, iv.encode("ascii"))

if __name__ == "__main__":
    sys.path.insert(0, "")
    unittest.main(module=None)
