"""Personal data at rest: encryption with key rotation, and blind indexes to find what is encrypted."""

from setia.foundation.crypto.blind import blind_index, tail_index
from setia.foundation.crypto.fields import EncryptedTextField
from setia.foundation.crypto.keyring import Keyring, UnreadableSecret, keyring

__all__ = ["EncryptedTextField", "Keyring", "UnreadableSecret", "blind_index", "keyring", "tail_index"]
