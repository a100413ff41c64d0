"""Every exception Bimetal raises on purpose: one clear sentence and an instruction."""


class BimetalError(Exception):
    """Report a problem a person can act on.

    `message` is lower case, shows the value as given and what was expected, and has no full stop;
    `hint` is an instruction. `exit_code` is what the command line answers with.

    >>> error = InputError("label column 'digit' is not in the table", "pass --label with one of: id, label")
    >>> str(error)
    "label column 'digit' is not in the table; pass --label with one of: id, label"
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class InputError(BimetalError):
    """Something typed or supplied cannot be used as it is."""


class _Listed(BimetalError):
    """A problem made of several; `faults` lists them, a line each."""

    def __init__(self, message: str, hint: str = "", faults: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint)
        self.faults = faults

    def __str__(self) -> str:
        return "\n  ".join((super().__str__(), *self.faults))


class ConfigError(_Listed):
    """A configuration file has faults; `faults` lists each with its path.

    >>> print(ConfigError("bimetal.toml has 1 fault", faults=("pilot.seeds: expected a whole number, got 'five'",)))
    bimetal.toml has 1 fault
      pilot.seeds: expected a whole number, got 'five'
    """


class UnknownName(BimetalError):
    """A plug-in, source or other name does not exist; the hint suggests the nearest."""


class MissingExtra(BimetalError):
    """An optional package is not installed; the hint says which extra brings it."""


class PolicyError(_Listed):
    """Rules that the programme's answers imply refuse an act; the hint, or each of `faults`, names the way out."""

    exit_code = 1


class StoreError(BimetalError):
    """The programme's stored state cannot be read or written."""

    exit_code = 3


class LogError(StoreError):
    """The transparency log does not verify; the message names the first damaged entry."""


class EndpointError(BimetalError):
    """A model endpoint or an external program failed; `retryable` says whether again may help."""

    exit_code = 3

    def __init__(self, message: str, hint: str = "", *, retryable: bool = False) -> None:
        super().__init__(message, hint)
        self.retryable = retryable
