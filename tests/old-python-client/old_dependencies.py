"""Restores behaviour of old libraries that uservoice 0.0.25 relies on, when imported.

    python old_dependencies.py TEST...    runs unittest with it
"""
import functools
import sys
import unittest

import yaml

# Before PyYAML 6, yaml.load() had a default loader.
yaml.load = functools.partial(yaml.load, Loader=yaml.SafeLoader)

try:
    from Crypto.Cipher import AES
except ImportError:  # the current package does not use it
    pass
else:
    # PyCrypto accepted a str as the initialization vector. Its successor pycryptodome, which
    # the old client requires, does not, so its single sign-on fails on every Python 3.
    new_cipher = AES.new
    AES.new = lambda key, mode, iv: new_cipher(key, mode, iv.encode("ascii"))

if __name__ == "__main__":
    sys.path.insert(0, "")
    unittest.main(module=None)
