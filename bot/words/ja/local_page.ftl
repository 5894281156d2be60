page-try = 開いて /genre と入力し、曲を選んで送信してください。「Viewing as」で別のメンバーになれます。Ctrl+C で終了します。
