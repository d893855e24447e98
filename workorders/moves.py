"""The shape of a row of the workflow's table; the rows themselves are in workflow.py."""

from dataclasses import dataclass, field

from workorders.entitlement import System


@dataclass(frozen=True)
class Input:
    """One thing a move needs. `type` names the reader in `workorders.inputs`."""

    name: str
    type: str
    required: bool = False
    choices: tuple = ()


@dataclass(frozen=True)
class Move:
    """One row of the table. `target` None: the status stays, or the command decides between `targets`."""

    name: str
    label: str
    sources: frozenset
    targets: tuple
    who: tuple
    inputs: tuple = ()
    tells: tuple = ()
    guards: tuple = field(default=())

    @property
    def target(self):
        """The only status it leads to; None where the command chooses or nothing changes."""
        return self.targets[0] if len(self.targets) == 1 else None

    @property
    def is_system(self) -> bool:
        """Whether no person may do it."""
        return all(isinstance(rule, System) for rule in self.who)
