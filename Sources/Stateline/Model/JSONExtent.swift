/// The place of one value, or of one member's name, in a JSON text.
///
/// The extents of a text stand in the order in which the values begin, so that a container is followed by its content:
/// its elements, or its members' names and values in turn.
package struct JSONExtent: Sendable {
    /// The kinds of values.
    package enum Kind: UInt8, Sendable {
        /// An object.
        case object
        /// An array.
        case array
        /// A string, which may be a member's name.
        case string
        /// A number.
        case number
        /// A number in a form that RFC 8259 does not allow, such as `NaN`.
        case oddNumber
        /// `true`.
        case yes
        /// `false`.
        case no
        /// `null`.
        case null
    }

    /// The properties of a value beside its kind.
    package struct Traits: OptionSet, Sendable {
        /// The bits.
        package let rawValue: UInt8

        /// Makes properties of their bits.
        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// The string has escapes.
        package static let escaped = Traits(rawValue: 1)
        /// The string escapes half of a surrogate pair without the other half.
        package static let hasLoneHalf = Traits(rawValue: 2)
        /// The value lies within a member that is not read.
        package static let unread = Traits(rawValue: 4)
    }

    /// The offset of the first byte.
    package let start: UInt32
    /// The offset behind the last byte.
    package internal(set) var end: UInt32
    /// The place, in the list of extents, behind the value and its content.
    package internal(set) var next: UInt32
    /// The kind of the value.
    package let kind: Kind
    /// The other properties of the value.
    package let traits: Traits

    /// `true` if the value without its content is known to have one meaning for all readers.
    package var isStandard: Bool {
        kind != .oddNumber && traits.isDisjoint(with: [.hasLoneHalf, .unread])
    }
}
