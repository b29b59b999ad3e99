import Foundation

/// Bytes that have come over TCP to a port of this machine and that its process has not read; one that stands still
/// reads none.
///
/// Source: proc_net_tcp, https://docs.kernel.org/networking/proc_net_tcp.html
func unreadBytes(port: Int) throws -> Int {
    let place = ":" + String(format: "%04X", port)
    // Foundation's ways to read a file whole end at the first piece of one like this.
    let file = try FileHandle(forReadingFrom: URL(filePath: "/proc/net/tcp"))
    var table = Data()
    while case let piece = file.availableData, !piece.isEmpty { table += piece }
    try file.close()
    return String(decoding: table, as: UTF8.self).split(separator: "\n").dropFirst()
        .reduce(0) { sum, line in
            // The number of the line, its own address, the peer's, the state, and what waits to be sent and to be read.
            let fields = line.split(separator: " ")
            guard fields.count > 4, fields[1].hasSuffix(place), fields[3] == "01" else { return sum }
            return sum + (Int(fields[4].drop { $0 != ":" }.dropFirst(), radix: 16) ?? 0)
        }
}
