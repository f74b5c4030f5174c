extension String {
    /// A name as it stands in sentences for people. One that an event brought may be of any length; nothing has such a name.
    package var shown: String {
        let longest = 128
        // Scalars and not characters: one of those may be a letter with a megabyte of accents.
        return utf8.count <= longest ? self : String(unicodeScalars.prefix(longest)) + "… (\(utf8.count) bytes)"
    }
}
