"""Which command was meant? Only its own file is imported, so that all of them start fast."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from typing import Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from worker.cli.collecting import few_collections
from worker.told import Told

# Each module has a typer app named `app`.
COMMANDS = {
    "run": ("worker.cli.run", "Everything in one process: nothing to install."),
    "api": ("worker.cli.api", "The doors from outside: events, customers, webhooks, links."),
    "worker": ("worker.cli.worker", "Evaluate, claim and send, receive: what bells ask for."),
    "beat": (
        "worker.cli.beat",
        "Ring every few seconds what a lost bell left; any number may run.",
    ),
    "check": ("worker.cli.check", "Is the configuration right? Every mistake, with its place."),
    "test": ("worker.cli.examples", "Do the triggers do what their own examples say?"),
    "simulate": ("worker.cli.simulate", "What would have been sent, by a file of events?"),
    "demo": ("worker.cli.month", "Fill an empty database with an invented month to look at."),
    "schema": ("worker.cli.schema", "JSON Schemas, so that editors complete and check the files."),
    "plan": ("worker.cli.plan", "What would applying the files change among what waits?"),
    "backtest": ("worker.cli.backtest", "What would a trigger have said, by the stored events?"),
    "report": ("worker.cli.report", "How many calls were prevented, as far as that can be known?"),
    "apply": ("worker.cli.apply", "Put the files in force for every worker."),
    "explain": ("worker.cli.explain", "Why did a trigger write to a customer, or stay silent?"),
    "preview": ("worker.cli.preview", "How does a message look, with its length and its cost?"),
    "reply": ("worker.cli.reply", "Play a customer's answer, where nothing is really sent."),
    "publish": ("worker.cli.publish", "Take in events from a file."),
    "customers": (
        "worker.cli.customers",
        "Take in customers from a file; hand out what is held of one.",
    ),
    "replay": ("worker.cli.replay", "Give events that were refused or set aside another chance."),
    "pause": ("worker.cli.pause", "Send nothing of a channel, a category, a trigger, or at all."),
    "resume": ("worker.cli.resume", "End a pause; what it put off asks again at once."),
    "parked": ("worker.cli.parked", "Messages that wait for a person: list them, and decide."),
    "withdraw": ("worker.cli.withdraw", "Undo a bad publish; shows first what that would do."),
    "erase": ("worker.cli.erase", "Forget a customer; shows first what is held."),
    "doctor": ("worker.cli.doctor", "Is all well? If not, what needs a person."),
    "keys": ("worker.cli.keys", "Which keys open the doors; make one, void one."),
    "users": ("worker.cli.users", "Who may sign in to the console, and as what."),
    "db": ("worker.cli.db", "Bring the database to this version."),
}


class Commands(TyperGroup):
    """Shows every command without importing one; imports the one that is called."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commands = {
            name: TyperCommand(name, help=about) for name, (_, about) in COMMANDS.items()
        }

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, _, rest = super().resolve_command(ctx, args)
        return name, load(str(name)), rest


def load(name: str) -> Any:
    """The command itself, imported now."""
    module, _ = COMMANDS[name]
    # what modules hold stays for good: each look for circles in it is in vain
    with few_collections():
        return get_command(import_module(module).app)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    help="Reaches customers before they have to call.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def outreach() -> None:
    """Reaches customers before they have to call."""


def main() -> None:
    try:
        get_command(app)(prog_name="outreach")
    except Told as told:
        end(told)
    except Exception as error:
        # Only a command that failed needs to know of databases: --help does not.
        found = import_module("worker.cli.database").told_of(error)
        if found is None:
            raise
        end(found)
    finally:
        # the system takes everything back at once: a last look for circles in it takes long
        gc.freeze()


def end(told: Told) -> NoReturn:
    sys.stderr.write(f"{told}\n")
    sys.exit(told.status)


if __name__ == "__main__":
    main()
