"""The command line of Cabinet: section 1 of the contract."""

import argparse
import gc
import os
import signal
import sys
from datetime import date
from pathlib import Path

from bot import __version__


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="main.py", description="Личный кабинет потребителя")
    parser.add_argument("--version", action="version", version=f"cabinet {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command")
    commands.add_parser("run", help="run the bot (the default)")
    commands.add_parser("migrate", help="bring the database to the newest schema and stop")
    commands.add_parser("check", help="check the settings and everything the bot depends on")
    commands.add_parser("doctor", help="print a text for support, without secrets")
    commands.add_parser("askue-password", help="make a password for ASKUE_ACCESS_FILE")
    export = commands.add_parser("export", help="write readings into a file for billing")
    export.add_argument("what", choices=["readings"])
    export.add_argument("--from", dest="first", type=date.fromisoformat, required=True)
    export.add_argument("--to", dest="last", type=date.fromisoformat, required=True)
    export.add_argument("--format", choices=["csv", "xlsx"], default="csv")
    export.add_argument("--output", type=Path, help="by default readings-FROM-TO.FORMAT, here")
    replay = commands.add_parser("replay", help="handle a parked update again; without id: list")
    replay.add_argument("update_id", type=int, nargs="?", metavar="UPDATE_ID")
    for name, what in (
        ("backup", "copy database and scans into an empty folder, while the bot runs"),
        ("restore", "put a verified backup in place of an empty database"),
    ):
        commands.add_parser(name, help=what).add_argument("folder", type=Path)
    files = commands.add_parser("files", help="compare the file store with the database")
    files.add_argument(
        "--take-over", action="store_true", help="the store is this database's from now on"
    )
    files.add_argument(
        "--delete-unknown",
        action="store_true",
        help="delete what no row ever named",
    )
    sandbox = commands.add_parser("sandbox", help="everything on this machine, nothing to set up")
    sandbox.add_argument("--port", type=int, default=8080, help="port of the page")
    sandbox.add_argument("--data", type=Path, default=Path("data/sandbox"), help="where to keep it")
    sandbox.add_argument("--no-browser", action="store_true", help="do not open the page")
    parser.set_defaults(command="run")
    return parser.parse_args()


def main() -> int:
    try:
        try:
            return _execute()
        finally:
            if sys.stdout is not None:
                # Here rather than at the end of the process, where nobody could catch it.
                sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output, such as head, has enough: the end of any Unix filter.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE


def _execute() -> int:
    # Databases, scans, exports and backups hold personal data: only their owner reads them.
    os.umask(0o077)
    arguments = _arguments()
    if arguments.command == "sandbox":
        from sandbox.launch import launch

        return launch(arguments.port, arguments.data, open_browser=not arguments.no_browser)

    # Hundreds of thousands of objects come with the imports and stay: not to be walked over ever.
    gc.disable()
    from bot import app

    gc.freeze()
    gc.enable()
    if arguments.command == "export":
        name = f"readings-{arguments.first}-{arguments.last}.{arguments.format}"
        path = arguments.output or Path(name)
        return app.export(arguments.first, arguments.last, arguments.format, path)
    if arguments.command == "backup":
        return app.back_up(arguments.folder)
    if arguments.command == "replay":
        return app.replay(arguments.update_id)
    if arguments.command == "files":
        return app.compare_files(
            take_over=arguments.take_over, delete_unknown=arguments.delete_unknown
        )
    if arguments.command == "restore":
        return app.restore(arguments.folder)
    commands = {
        "run": app.run,
        "migrate": app.migrate,
        "check": app.check,
        "doctor": app.report_state,
        "askue-password": app.make_askue_password,
    }
    return commands[arguments.command]()


if __name__ == "__main__":
    sys.exit(main())
