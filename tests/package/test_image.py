"""The image's file tree, laid out as the Dockerfile does and started as the platform does: in that tree alone, as its user."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import tomllib
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

from authority import Authority
from bundle import ROOT
from emulator import ACCOUNT, BINARY, LIMIT, connected, kept_running, seed

USER = "10001:10001"
AUTHORITIES = "etc/ssl/certs/ca-certificates.crt"
GROUPS = [{"name": "web", "instance_type": "t3.medium", "min_size": 1, "max_size": 2}]
CHROOT = shutil.which("chroot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def lay_out(root):
    subprocess.run([ROOT / "image/tree.sh", BINARY, root], check=True)


def contents(root):
    """Every file with its size, every link with its target, every folder."""
    found = {}
    for path in Path(root).rglob("*"):
        name = path.relative_to(root).as_posix()
        found[name] = os.readlink(path) if path.is_symlink() else path.stat().st_size if path.is_file() else "folder"
    return found


def may_change_root():
    return CHROOT and os.geteuid() == 0 and subprocess.run([CHROOT, "/", "true"], capture_output=True).returncode == 0


class Case(unittest.TestCase):
    """A test with a tree of its own."""

    def setUp(self):
        if not Path("/etc/debian_version").exists():
            self.skipTest("SKIPPED: the image's tree is laid out on Debian only, which the Dockerfile builds on")
        self.root = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="image-")))
        self.root.chmod(0o755)
        lay_out(self.root)


class Tree(Case):
    def test_it_holds_the_binary_its_libraries_and_the_authorities_and_nothing_else(self):
        found = contents(self.root)
        files = {name for name, what in found.items() if what != "folder"}
        libraries = {name for name in files if name.startswith("lib")}
        self.assertTrue(any("/libc.so" in name for name in libraries) and any("/ld-linux" in name for name in libraries), libraries)
        self.assertLess(len(libraries), 8)
        binaries = {"usr/local/bin/aws-ecs-cluster", "usr/local/bin/entrypoint.sh"}
        self.assertEqual(files - libraries, binaries | {AUTHORITIES, "etc/nsswitch.conf"})
        self.assertEqual(found["usr/local/bin/entrypoint.sh"], "aws-ecs-cluster")
        self.assertEqual(found["massdriver"], "folder")
        self.assertGreater((self.root / AUTHORITIES).read_text().count("BEGIN CERTIFICATE"), 50)

    def test_the_dockerfile_lays_out_this_tree_and_starts_it_so(self):
        lines = (ROOT / "Dockerfile").read_text().splitlines()
        last = lines[lines.index("FROM scratch") :]
        settings = ["ENV PATH=/usr/local/bin", "WORKDIR /massdriver", f"USER {USER}", 'ENTRYPOINT ["entrypoint.sh"]']
        self.assertEqual(last, ["FROM scratch", "COPY --from=build /tree/ /", *settings])
        self.assertTrue(any("image/tree.sh target/release/aws-ecs-cluster /tree" in line for line in lines))


class Sources(unittest.TestCase):
    """The Dockerfile copies what is compiled, and no more."""

    def test_every_target_is_there_when_the_dependencies_are_built_against_empty_sources(self):
        manifest = tomllib.loads((ROOT / "Cargo.toml").read_text())
        targets = [manifest["lib"], *(target for kind in ["bin", "test", "bench", "example"] for target in manifest.get(kind, []))]
        recipe = (ROOT / "Dockerfile").read_text()
        made_up = recipe[: recipe.index("COPY src src")]
        self.assertEqual([target["path"] for target in targets if target["path"] not in made_up], [])
        self.assertFalse((ROOT / "build.rs").exists() or "build" in manifest["package"], "the Dockerfile copies no build script")

    def test_no_source_includes_a_file_that_is_not_copied(self):
        included = []
        for source in (ROOT / "src").rglob("*.rs"):
            found = re.findall(r'include(?:_str|_bytes)?!\(\s*"([^"]+)"', source.read_text())
            included += [(source.parent / path).resolve() for path in found]
        self.assertEqual([path for path in included if ROOT / "src" not in path.parents], [])


@unittest.skipUnless(may_change_root(), "SKIPPED: the image's tree is not started, since only root may change the root folder")
class Started(Case):
    def command(self, endpoint, action):
        """The platform's call, and the environment that it is made in."""
        environment = {
            "PATH": "/usr/local/bin",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "x",
            "MASSDRIVER_DEPLOYMENT_ACTION": action,
        }
        chroot = [CHROOT, f"--userspec={USER}", "--groups=", self.root, "entrypoint.sh"]
        return ["env", "-i", *(f"{name}={value}" for name, value in environment.items()), *chroot]

    def start(self, endpoint, action):
        command = self.command(endpoint, action)
        return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL)

    def mount(self, folder):
        for name in ["params.json", "connections.json"]:
            shutil.copy(Path(folder) / name, self.root / "massdriver")
            (self.root / "massdriver" / name).chmod(0o444)

    def test_it_provisions_and_decommissions_and_leaves_its_own_files_alone(self):
        with kept_running("serve.py") as server:
            endpoint = server.stdout.readline().strip()
            with tempfile.TemporaryDirectory() as inputs:
                seed(endpoint, inputs, GROUPS, ["example.com"])
                self.mount(inputs)
            before = contents(self.root)
            with kept_running("agent.py", *connected(endpoint)):
                made = self.start(endpoint, "provision")
            self.assertEqual(made.returncode, 0, made.stderr)
            self.assertEqual(json.loads(made.stdout)["specs"]["aws"]["region"], "us-west-2")
            planned = self.start(endpoint, "plan")
            self.assertEqual(planned.returncode, 0, planned.stderr)
            unmade = self.start(endpoint, "decommission")
            self.assertEqual((unmade.returncode, unmade.stdout), (0, ""), unmade.stderr)
            self.assertEqual(contents(self.root), before)

    def test_it_trusts_the_authorities_in_the_tree_and_no_others(self):
        self.mount(ROOT / "tests/scenarios/fargate-only")
        authority = Authority()
        with RefusingServer(authority.server_context()) as server:
            # It would try again for a minute, as it does whenever a connection fails.
            with subprocess.Popen(self.command(server.endpoint, "plan"), stderr=subprocess.PIPE) as strange:
                self.assertTrue(server.broken_off.wait(LIMIT))
                strange.kill()
            self.assertEqual(server.asked, [])
            with open(self.root / AUTHORITIES, "a") as bundle:
                bundle.write(authority.certificate)
            known = self.start(server.endpoint, "plan")
            self.assertEqual(known.returncode, 1, known.stderr)
            self.assertTrue(server.asked, known.stderr)


class RefusingServer(ThreadingHTTPServer):
    """An AWS that is reached by TLS and refuses every call."""

    def __init__(self, context):
        super().__init__(("127.0.0.1", 0), Refusing)
        self.endpoint = f"https://127.0.0.1:{self.server_address[1]}"
        self.asked = []
        self.broken_off = Event()
        self.socket = context.wrap_socket(self.socket, server_side=True)
        Thread(target=self.serve_forever, daemon=True).start()

    def get_request(self):
        try:
            return super().get_request()
        except OSError:
            self.broken_off.set()
            raise

    def server_close(self):
        self.shutdown()
        super().server_close()


class Refusing(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.asked.append(self.path)
        body = b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
        self.send_response(403)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


if __name__ == "__main__":
    unittest.main()
