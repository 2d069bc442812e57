"""``threadline demo``."""

from __future__ import annotations

import click
from django.conf import settings

from threadline.demo import load as loading
from threadline.demo.cast import PASSWORD
from threadline.faces.cli.progress import progress
from threadline.faces.cli.talk import Talk
from threadline.faces.cli.who import talks
from threadline.kernel.errors import Conflict
from threadline.kernel.members import Role
from threadline.kernel.workspaces import Workspace


@click.command("demo")
@click.option("--if-empty", is_flag=True, help="Do nothing when there is any workspace.")
@click.option("--remove", is_flag=True, help="Delete the sample company, and nothing else.")
@talks
def demo(talk: Talk, if_empty: bool, remove: bool) -> None:
    """Load the sample company, and print who can sign in to it."""
    if remove:
        count = loading.remove()
        talk.data({"removed": count}) if talk.json else talk.say("Removed." if count else "There is no sample here.")
        return
    if if_empty and Workspace.objects.exists():
        for workspace in loading.samples():
            _tell_sign_ins(talk, workspace)
        return
    with progress(talk, "Loading the sample company") as tell:
        try:
            workspace = loading.load(tell)
        except loading.AlreadyHere:
            raise Conflict("The sample company is here already; threadline demo --remove takes it away.") from None
    _tell_sign_ins(talk, workspace)


def _tell_sign_ins(talk: Talk, workspace: Workspace) -> None:
    people = loading.sign_ins(workspace)
    if talk.json:
        listed = [{"email": m.user.email, "name": m.name, "role": m.role} for m in people]
        talk.data({"workspace": workspace.slug, "password": PASSWORD, "people": listed})
        return
    talk.say(f"Sample company {workspace.name}. Everybody's password is {PASSWORD}. Sign in as")
    for member in people:
        talk.say(f"  {member.user.email:<36} {Role(member.role).label:<18} {member.job_title}")
    if settings.ENVIRONMENT.host not in ("127.0.0.1", "localhost", "::1"):
        talk.warn("Anybody who reaches this server can sign in as them. threadline demo --remove takes them away.")
