"""The ``threadline`` program: the command line, with the server and the sample company added."""

from __future__ import annotations

import os
import sys

import click

from threadline import serve as launcher
from threadline.environment import read_environment
from threadline.faces.cli import app

DEMO = app.Entry("threadline.demo.command:demo", app.HOUSE, "Load or remove the sample company.")


@click.command("serve")
@click.option("--host", help="Address to listen on; HOST.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; PORT.")
@click.option("--workers", type=click.IntRange(1, 64), help="Web processes; one a core unless told.")
@click.option("--no-jobs", is_flag=True, help="Leave jobs to a `threadline work` of your own.")
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
def serve(host: str | None, port: int | None, workers: int | None, no_jobs: bool, quiet: bool) -> None:
    """Serve pages, API and live updates, and run jobs."""
    # The processes that are started read the environment: what was said here must reach them.
    os.environ.update({name: str(value) for name, value in (("HOST", host), ("PORT", port)) if value is not None})
    chosen = read_environment(os.environ)
    plan = launcher.Plan(
        chosen.host, chosen.port, chosen.events_port, workers or launcher.cores(), chosen.base_url, jobs=not no_jobs
    )

    def say(text: str) -> None:
        if not quiet:
            click.echo(text, err=True)

    say(f"Data lies in {chosen.data_dir}")
    try:
        code = launcher.serve(plan, say=say)
    except launcher.StartProblem as problem:
        raise click.ClickException(str(problem)) from problem
    raise click.exceptions.Exit(code)


def main(arguments: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    return app.run(app.program({**app.ENTRIES, "demo": DEMO}, serve), arguments)


if __name__ == "__main__":
    sys.exit(main())
