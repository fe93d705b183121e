"""A master's address -> a Spark session; or one clear line why there can be none."""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from dedup.errors import EngineError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOCAL = "local[*]"  # this machine, all of its cores
_LOG = Path(__file__).parent / "log4j2.properties"
_CONFIGURATION = {
    "spark.app.name": "dedup",
    # the JVM hands on bytes: what its second compiler costs, it does not save
    "spark.driver.extraJavaOptions": f"-XX:TieredStopAtLevel=1 -Dlog4j2.configurationFile={_LOG.as_uri()}",
    "spark.driver.maxResultSize": "0",  # what is collected is bounded by design, see docs/spark.md
    "spark.python.daemon.module": "dedup.distributed.daemon",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def open_session(master: str | None = LOCAL, *, memory: str = "2g") -> SparkSession:
    """Give the session that is running, or start one.

    Parameters
    ----------
    master : str, optional
        ``local[2]``, ``spark://host:7077``, ``yarn``. None: what ``spark-submit`` was told. Of a session that is
        running, its own counts.
    memory : str
        Of the driver's JVM, as Spark writes sizes. Articles that do not fit are kept on disk.

    Raises
    ------
    EngineError
        pyspark or Java is missing, or the master does not answer.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise EngineError("the Spark engine needs pyspark: pip install 'dedup[spark]'") from error
    running = SparkSession.getActiveSession()
    if running is not None:
        return running
    if not _has_java():
        raise EngineError("the Spark engine needs Java 17 or newer: no java on the PATH, nor in JAVA_HOME")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    # pyspark asks for pandas and warns of new ones; nothing here goes through pandas
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    builder = SparkSession.builder
    if master is not None:
        builder = builder.master(master).config("spark.driver.memory", memory)
        if master.startswith("local"):  # what is handed on stays on this machine: packing it costs more than it saves
            builder = builder.config("spark.shuffle.compress", "false")
    for name, value in _CONFIGURATION.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except Exception as error:  # Py4J hands on whatever the JVM throws
        raise EngineError(
            f"Spark cannot be started at {master or 'the master of spark-submit'}: {str(error).splitlines()[0]}"
        ) from error
    session.sparkContext.setLogLevel("ERROR")
    return session


def _has_java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return (home is not None and (Path(home) / "bin" / "java").exists()) or shutil.which("java") is not None
