"""Password hashing tuned for small machines."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class TunedArgon2(Argon2PasswordHasher):
    """Argon2id with OWASP's 19 MiB, two passes, one lane: about 70 ms here.

    Django's default takes 100 MiB on eight lanes; two people who sign in together would stall a two-core shop.
    """

    memory_cost = 19_456
    time_cost = 2
    parallelism = 1
