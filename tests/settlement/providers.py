"""Stripe, PayPal and Wise as far as payouts need them, on loopback, written from their documentation.

`faults` are what happens to the next requests that move money: "429" and "500" before anything is done, "lost" after it
is done (the answer never comes), "late" (the answer comes too late).
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Reply = tuple[int, dict[str, Any] | list[Any]]


class Fake:
    """A provider: what it was asked, what it keeps, and what goes wrong next."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.asked: list[tuple[str, str]] = []
        self.made: dict[str, dict[str, Any]] = {}
        self.url = ""

    def reply(self, method: str, path: str, query: dict[str, str], headers: Any, body: bytes) -> Reply:
        """What the provider answers."""
        raise NotImplementedError


class FakeStripe(Fake):
    """Transfers by idempotency key, found by transfer_group; payouts of connected accounts."""

    balance = 1_000_000

    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[str, Reply] = {}
        self.payouts: dict[str, dict[str, Any]] = {}

    def reply(self, method: str, path: str, query: dict[str, str], headers: Any, body: bytes) -> Reply:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if headers.get("Authorization") != "Bearer sk_test":
            return 401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key"}}
        if method == "GET":
            store = self.made if path == "/v1/transfers" else self.payouts
            group = query.get("transfer_group")
            return 200, {"data": [t for t in store.values() if group in (None, t.get("transfer_group"))]}
        key = headers["Idempotency-Key"]
        if key not in self.keys:
            self.keys[key] = self._make(path, form)
        return self.keys[key]

    def _make(self, path: str, form: dict[str, str]) -> Reply:
        amount = int(form["amount"])
        if path == "/v1/payouts":
            number = f"po_{len(self.payouts) + 1}"
            self.payouts[number] = {"id": number, "status": "pending", "metadata": {"payout": form["metadata[payout]"]}}
            return 200, self.payouts[number]
        if amount > self.balance:
            message = "You have insufficient funds in your Stripe account."
            return 400, {"error": {"code": "balance_insufficient", "message": message}}
        self.balance -= amount
        number = f"tr_{len(self.made) + 1}"
        self.made[number] = {
            "id": number,
            "amount": amount,
            "transfer_group": form["transfer_group"],
            "reversed": False,
        }
        return 200, self.made[number]


class FakePayPal(Fake):
    """Batches by the sender's batch id; one used again is refused with a link to the first."""

    status = "PENDING"

    def reply(self, method: str, path: str, _query: dict[str, str], headers: Any, body: bytes) -> Reply:
        if path == "/v1/oauth2/token":
            return 200, {"access_token": "A21", "expires_in": 32400}
        if headers.get("Authorization") != "Bearer A21":
            return 401, {"name": "AUTHENTICATION_FAILURE"}
        if method == "GET":
            batch = self.made[path.rpartition("/")[2]]
            items = [{"payout_item": item, "transaction_status": self.status} for item in batch["items"]]
            return 200, {"batch_header": batch["header"], "items": items}
        sent = json.loads(body)
        name = sent["sender_batch_header"]["sender_batch_id"]
        for number, batch in self.made.items():
            if batch["name"] == name:
                link = {"href": f"{self.url}/v1/payments/payouts/{number}", "rel": "self"}
                message = "Sender batch id already used"
                return 400, {"name": "USER_BUSINESS_ERROR", "message": message, "links": [link]}
        number = f"B{len(self.made) + 1}"
        header = {"payout_batch_id": number, "batch_status": "PENDING"}
        self.made[number] = {"name": name, "header": header, "items": sent["items"]}
        return 201, {"batch_header": header}


class FakeWise(Fake):
    """Quotes, transfers by customerTransactionId, funding out of a balance."""

    balance = True

    def reply(self, method: str, path: str, _query: dict[str, str], _headers: Any, body: bytes) -> Reply:
        sent = json.loads(body or b"{}")
        if path.endswith("/quotes"):
            return 200, {"id": "quote-1", "targetAmount": sent["targetAmount"]}
        if path == "/v1/transfers":
            for transfer in self.made.values():
                if transfer["customerTransactionId"] == sent["customerTransactionId"]:
                    return 200, transfer
            number = str(501 + len(self.made))
            self.made[number] = {**sent, "id": int(number), "status": "incoming_payment_waiting"}
            return 200, self.made[number]
        if method == "GET":
            found = self.made.get(path.rpartition("/")[2])
            return (200, found) if found else (404, {"errors": [{"code": "NOT_FOUND"}]})
        transfer = self.made[path.split("/")[-2]]
        if not self.balance:
            return 200, {"type": "BALANCE", "status": "REJECTED", "errorCode": "transfer.insufficient_funds"}
        transfer["status"] = "processing"
        return 201, {"type": "BALANCE", "status": "COMPLETED"}


@contextmanager
def served(fake: Fake) -> Iterator[Fake]:
    """The provider behind a door of its own."""

    class Door(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Says nothing."""

        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def _answer(self, method: str) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            fake.asked.append((method, parts.path))
            moving = method == "POST" and "token" not in parts.path
            fault = fake.faults.pop(0) if moving and fake.faults else ""
            if fault in ("429", "500"):
                self._send(int(fault), {"error": {"message": fault}})
                return
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            status, document = fake.reply(method, parts.path, query, self.headers, body)
            if fault == "lost":
                self.close_connection = True
                return
            if fault == "late":
                time.sleep(1.3)
            self._send(status, document)

        def _send(self, status: int, document: Any) -> None:
            raw = json.dumps(document).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
