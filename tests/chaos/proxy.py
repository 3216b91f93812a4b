"""A way to a PostgreSQL server that can be cut, also in the middle of a commit."""
import socket
import threading


class Proxy:
    def __init__(self, target):
        self.target = target  # path of the server's socket
        self.mutex = threading.Lock()
        self.pairs = set()
        self.armed = None  # "before" or "after" the server has read the next COMMIT
        self.cut = threading.Event()  # set when it happened
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self.target)
            except OSError:
                client.close()
                continue
            pair = (client, server)
            with self.mutex:
                self.pairs.add(pair)
            threading.Thread(target=self.forward, args=(pair, client, server), daemon=True).start()
            threading.Thread(target=self.forward, args=(pair, server, client), daemon=True).start()

    def forward(self, pair, source, sink):
        try:
            while data := source.recv(65536):
                moment = self.take(data) if source is pair[0] else None
                if moment != "before":
                    sink.sendall(data)
                if moment:
                    self.close(pair)
                    self.cut.set()
                    return
        except OSError:
            pass
        self.close(pair)

    def take(self, data):
        """When to cut at these bytes, or None."""
        if b"COMMIT" not in data.upper():
            return None
        with self.mutex:
            moment, self.armed = self.armed, None
        return moment

    def close(self, pair):
        with self.mutex:
            self.pairs.discard(pair)
        for end in pair:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def arm(self, moment):
        self.cut.clear()
        with self.mutex:
            self.armed = moment

    def cut_all(self):
        with self.mutex:
            pairs = list(self.pairs)
        for pair in pairs:
            self.close(pair)
        return len(pairs)
