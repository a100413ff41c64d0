"""Without the extra the rest works, and the provider says what to install."""

import subprocess
import sys

CODE = """
import sys
sys.modules["joserfc"] = None
from bimetal.errors import MissingExtra
from bimetal.programme.people.oidc import OpenId, Provider
try:
    OpenId(Provider("https://example.org", "bimetal", "", "https://example.org/return"))
except MissingExtra as fault:
    print(fault)
"""


def test_only_the_provider_needs_the_extra():
    ran = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert ran.stdout == "login through a provider needs httpx and joserfc; pip install 'bimetal[oidc]'\n"
