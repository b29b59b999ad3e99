import NIOCore
import Testing

@testable import StatelineRedis

@Suite struct RedisURLTests {
    @Test(arguments: [
        ("redis://db.example", RedisURL(topology: .server(.host("db.example", port: 6379)))),
        ("REDIS://10.0.0.1:7000/3", RedisURL(topology: .server(.host("10.0.0.1", port: 7000)), database: 3)),
        ("redis://[::1]:6380", RedisURL(topology: .server(.host("::1", port: 6380)))),
        (
            "redis://:p%40ss%2Fw%C3%B6rd@h",
            RedisURL(
                topology: .server(.host("h", port: 6379)),
                credentials: .init(user: nil, password: "p@ss/w\u{f6}rd")
            )
        ),
        (
            "rediss://app:s3cret@h/1?ca=/etc/ca.pem&cert=c.pem&key=k.pem&timeout=2.5",
            RedisURL(
                topology: .server(.host("h", port: 6379)),
                credentials: .init(user: "app", password: "s3cret"),
                database: 1,
                tls: .init(authorities: "/etc/ca.pem", certificate: "c.pem", key: "k.pem"),
                timeout: .milliseconds(2500)
            )
        ),
        (
            "redis+unix://u:p@/run/my%20redis.sock?db=4",
            RedisURL(
                topology: .server(.unixSocket(path: "/run/my redis.sock")),
                credentials: .init(user: "u", password: "p"),
                database: 4
            )
        ),
        (
            "redis+cluster://a:7000,b,[2001:db8::1]:7002",
            RedisURL(
                topology: .cluster([
                    .host("a", port: 7000), .host("b", port: 6379), .host("2001:db8::1", port: 7002),
                ])
            )
        ),
        (
            "rediss+sentinel://u:p@s1,s2:26380/main/2?sentinel-password=q",
            RedisURL(
                topology: .sentinel([.host("s1", port: 26379), .host("s2", port: 26380)], primary: "main"),
                credentials: .init(user: "u", password: "p"),
                sentinelCredentials: .init(user: nil, password: "q"),
                database: 2,
                tls: .init()
            )
        ),
    ])
    func `a URL says where and how`(text: String, url: RedisURL) throws {
        let read = try RedisURL(text)
        #expect(read == url)
    }

    @Test(
        arguments: [
            ("", .scheme), ("http://h", .scheme), ("redis:h", .scheme), ("redis+unixx:///s", .scheme),
            ("redis://", .host), ("redis:///0", .host), ("redis://a,b", .host), ("redis://a b", .host),
            ("redis://::1", .host), ("redis://[::1", .host), ("redis://[::1]x", .host), ("redis+cluster://a,,b", .host),
            ("redis+cluster://a,a:6379", .host), ("redis+unix://host/s", .host),
            ("redis://h:", .port), ("redis://h:0", .port), ("redis://h:65536", .port), ("redis://h:+1", .port),
            ("redis://user@h", .credentials), ("redis://user:@h", .credentials), ("redis://@h", .credentials),
            ("redis://h/x", .database), ("redis://h/-1", .database), ("redis://h/1/2", .database),
            ("redis+cluster://h/1", .database), ("redis+unix:///s?db=x", .database),
            ("redis+unix://", .path), ("redis+sentinel://h", .path), ("redis+sentinel://h/", .path),
            ("redis://h#0", .path),
            ("redis://h?tiemout=1", .option), ("redis://h?timeout=1&timeout=1", .option),
            ("redis://h?timeout=", .option),
            ("redis://h?timeout=nan", .option), ("redis://h?timeout=0", .option), ("redis://h?timeout=1e9", .option),
            ("redis://h?db=1", .option), ("redis://h?ca=x", .option), ("rediss://h?cert=x", .option),
            ("redis://h?namespace=a:b", .option), ("redis://h?namespace=%7Ba", .option),
            ("redis://h?connections=0", .option),
            ("redis://h?connections=-1", .option), ("redis://h?stall-limit=x", .option),
            ("redis://h?node-timeout=1", .option), ("redis://h?attempt-timeout=1", .option),
            ("redis://h?client-name=a%20b", .option), ("redis://h?replicas=x", .option),
            ("redis://h?replicas-timeout=1", .option), ("redis://h?eviction=yes", .option),
            ("redis://h?tls-verify=none", .option), ("rediss://h?tls-verify=no", .option),
            ("redis://h?sentinel-password=x", .option), ("redis+sentinel://h/m?sentinel-user=x", .option),
            ("redis://:p%4@h", .encoding), ("redis://:p%+1@h", .encoding), ("redis://:%ff@h", .encoding),
            ("redis+unix:///a%00b", .encoding),
        ] as [(String, RedisURLError.Reason)]
    )
    func `what is no URL of a Redis is refused for what is wrong with it`(text: String, reason: RedisURLError.Reason) {
        #expect(throws: RedisURLError.self) { try RedisURL(text) }
        do throws(RedisURLError) {
            _ = try RedisURL(text)
        } catch {
            #expect(error.reason == reason)
        }
    }

    @Test(arguments: [
        "redis://app:hunter2@h", "redis+unix://app:hunter2@/s?db=1", "rediss+cluster://app:hunter2@h,i?key=k&cert=c",
        "redis+sentinel://app:hunter2@h/main/1?sentinel-password=hunter2",
    ])
    func `no description shows a password`(text: String) throws {
        let url = try RedisURL(text)
        var dumped = ""
        dump(url, to: &dumped)
        dump(url.credentials, to: &dumped)
        for shown in ["\(url)", String(reflecting: url), dumped, "\(String(describing: url.credentials))"] {
            #expect(!shown.contains("hunter2"))
        }
        #expect("\(url)".contains("app:<redacted>@"))
    }

    @Test(arguments: [
        "redis://app:hunter2/x@h", "redis://app:hunter2", "redis://hunter2@h", "redis://:hunter2%zz@h",
        "redis://app:hunter2@", "redis://app:hun?ter2@h", "redis://app:hunter2@h:x", "hunter2://h",
        "redis+cluster://app:hunter2@h,app:hunter2@i", "redis://h?hunter2=1", "redis://app:hunter2@h?timeout=hunter2",
    ])
    func `no error shows a part of the text`(text: String) {
        do throws(RedisURLError) {
            _ = try RedisURL(text)
            Issue.record("the text was taken")
        } catch {
            #expect(!"\(error)\(error.message)".contains("hunter2"))
            #expect(!"\(error)\(error.message)".contains("ter2"))
        }
    }

    @Test func `a description without credentials reads as the URL again`() throws {
        for text in [
            "redis://h:6379", "rediss://h:1/2", "redis+unix:///run/r.sock?db=3", "redis+cluster://a:1,[::1]:2",
            "rediss+sentinel://s:26379/main/4",
        ] {
            let url = try RedisURL(text)
            #expect(url.description == text)
        }
    }
}
