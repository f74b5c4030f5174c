extension String {
    /// A name as it stands in lines for people. One that an event brought may be of any length; nothing has such a name.
    var shown: String {
        let longest = 200
        return utf8.count <= longest ? self : prefix(longest) + "… (\(utf8.count) bytes)"
    }
}
