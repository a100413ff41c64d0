"""One folder a team shares: config, policy, cycle and evidence; the only place where the parts meet."""

from bimetal.programme.config import Config
from bimetal.programme.programme import Programme, Stored, create, opened

__all__ = ["Config", "Programme", "Stored", "create", "opened"]
