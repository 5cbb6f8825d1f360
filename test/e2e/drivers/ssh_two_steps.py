"""Logs in by key and one-time code, says what the host answers. Arguments: library, port, key file, code, wrong password."""

import asyncio
import sys

library, port, key, code, wrong = sys.argv[1:6]
login = {"host": "127.0.0.1", "port": int(port), "username": "alice@web-1"}


def by_paramiko():
    import paramiko

    transport = paramiko.Transport((login["host"], login["port"]))
    transport.start_client(timeout=10)
    try:
        transport.auth_password(login["username"], wrong, fallback=False)
    except paramiko.AuthenticationException as refused:
        print("refused:", refused.__class__.__name__)
    left = transport.auth_publickey(login["username"], paramiko.Ed25519Key.from_private_key_file(key))
    print("left:", left)
    transport.auth_interactive(login["username"], lambda name, text, questions: [code for _ in questions])
    channel = transport.open_session()
    channel.exec_command("whoami")
    print(channel.makefile().read().decode(), end="")
    transport.close()


async def by_asyncssh():
    import asyncssh

    class Client(asyncssh.SSHClient):
        def kbdint_auth_requested(self):
            return ""

        def kbdint_challenge_received(self, name, instructions, language, prompts):
            return [code for _ in prompts]

    connection, _ = await asyncssh.create_connection(Client, **login, known_hosts=None, client_keys=[key], password=None)
    print((await connection.run("whoami")).stdout, end="")
    connection.close()


if library == "paramiko":
    by_paramiko()
else:
    asyncio.run(by_asyncssh())
